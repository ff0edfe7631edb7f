// Nothing of how the program was started may stand in its stack.
Error.stackTraceLimit = Infinity; console.log(new Error('all frames').stack);

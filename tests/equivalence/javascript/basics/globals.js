// The names of the global object, and of process, are those of a fresh node.
console.log(Object.getOwnPropertyNames(globalThis).sort().join(' '));
console.log(Object.keys(process).sort().join(' '));

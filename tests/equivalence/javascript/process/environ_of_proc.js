// What the kernel knows of the environment holds nothing that the program was not given.
const text = require('fs').readFileSync('/proc/self/environ', 'latin1'); console.log(/NODE_OPTIONS|kodewar|preload|UV_/.test(text));

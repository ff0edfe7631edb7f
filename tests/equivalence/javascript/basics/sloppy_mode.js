// A CommonJS main module is sloppy: this is module.exports, undeclared names become global.
undeclared = 5;
console.log(globalThis.undeclared, this === module.exports, (function () { return this === globalThis; })());
var v = 1; console.log(globalThis.v, delete globalThis.undeclared, typeof undeclared, arguments.length);

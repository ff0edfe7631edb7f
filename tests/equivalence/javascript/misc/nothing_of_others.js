// What the program before this one may have left behind.
console.log([].mine, process.env.LEFT, require('fs').marker, globalThis.left, Object.prototype.polluted);

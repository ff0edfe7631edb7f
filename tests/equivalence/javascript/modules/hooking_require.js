const Module = require('module'); const original = Module._load; const seen = []; Module._load = function (n) { seen.push(n); return original.apply(this, arguments); };
require('util'); require('path'); Module._load = original; console.log(seen);

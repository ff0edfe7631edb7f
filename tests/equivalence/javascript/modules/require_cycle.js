// equiv: {"files": [{"name": "a.js", "content": "exports.early = 1; const b = require('./b'); exports.late = b.saw;"}, {"name": "b.js", "content": "const a = require('./a'); exports.saw = Object.keys(a);"}]}
console.log(require('./a'));

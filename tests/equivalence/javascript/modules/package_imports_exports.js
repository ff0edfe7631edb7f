// equiv: {"files": [{"name": "package.json", "content": "{\"name\": \"me\", \"imports\": {\"#x\": \"./x.js\"}, \"exports\": {\".\": \"./x.js\", \"./y\": \"./x.js\"}}"}, {"name": "x.js", "content": "module.exports = 'x';"}]}
console.log(require('#x'), require('me'), require('me/y')); try { require('me/z'); } catch (e) { console.log(e.code); }

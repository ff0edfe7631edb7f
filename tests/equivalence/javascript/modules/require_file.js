// equiv: {"files": [{"name": "lib.js", "content": "exports.x = 1; exports.parent = module.parent.filename; console.log('loaded', __filename, require.main === module);"}, {"name": "data.json", "content": "{\"k\": [1, 2]}"}]}
const lib = require('./lib'); console.log(lib, require('./lib.js') === lib, require('./data').k, JSON.stringify(Object.keys(require.cache)), module.children.length);
delete require.cache[require.resolve('./lib')]; require('./lib');

// equiv: {"args": ["--name=x", "-v", "pos", "--", "-z"]}
const { parseArgs } = require('util');
console.log(parseArgs({ options: { name: { type: 'string' }, verbose: { type: 'boolean', short: 'v' } }, allowPositionals: true }));

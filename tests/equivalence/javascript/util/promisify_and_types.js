const util = require('util');
util.promisify(setTimeout)(1, 'v').then(console.log);
util.callbackify(async (x) => x + 1)(1, (e, v) => console.log(e, v));
console.log(util.types.isRegExp(/x/), util.isDeepStrictEqual({ a: [1] }, { a: [1] }), util.format('%s=%d', 'a', 1), util.inspect('a\n'), util.stripVTControlCharacters('\x1b[31mx\x1b[0m'));
process.removeAllListeners('warning'); process.on('warning', (w) => console.error(w.name, w.code, w.message));
util.deprecate(() => console.log('called'), 'do not', 'DEP_MINE')();

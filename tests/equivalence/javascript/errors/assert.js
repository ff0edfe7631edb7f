const assert = require('assert');
for (const f of [() => assert.strictEqual(1, 2), () => assert.deepStrictEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }), () => assert(0 == 1), () => assert.throws(() => {})]) try { f(); } catch (e) { console.log(e.message, e.code); }
assert.equal(1, 2, 'as told');

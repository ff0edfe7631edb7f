const util = require('util');
console.log([undefined, null, , 3], [, , 1], new Array(200).fill(7), 'x'.repeat(20), ['it\'s', "q\"q", `b\`'"`]);
console.log({ f() {}, g: class X extends Map {}, h: async () => {}, i: function* n() {}, s: Symbol('s'), d: new Date(5), r: /x/g, e: [new Error('m').message] });
console.log(util.inspect({ a: { b: { c: { d: {} } } } }, { depth: 5, compact: false, breakLength: 20, sorted: true, colors: true }));
console.log(new (class Foo { constructor() { this.a = 1; } [util.inspect.custom](depth, o) { return 'custom ' + depth; } })());
const cyc = { name: 'c' }; cyc.self = cyc; cyc.list = [cyc]; console.log(cyc, Object.create(null), Object.create({ p: 1 }), new (class extends Array {})(3));
console.log(Promise.resolve(4), Promise.reject(5).catch(() => {}) && 'p', new Proxy([1], {}), globalThis === global, [1.0, -0, 1n], process.versions.node.split('.')[0] > 10);

console.log(JSON.stringify({ a: [1, { b: 2 }], d: new Date(0), u: undefined, f() {}, n: null, i: Infinity }, null, 2));
console.log(JSON.parse('{"x":[1,2,{"y":"\\u00e9"}]}', (k, v) => typeof v === 'number' ? v * 2 : v));
try { JSON.parse('{"a":1,}'); } catch (e) { console.log(e.name, e.message); }
try { const o = {}; o.o = o; JSON.stringify(o); } catch (e) { console.log(e.message); }

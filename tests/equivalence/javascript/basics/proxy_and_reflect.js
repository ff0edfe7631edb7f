const seen = [];
const p = new Proxy({ a: 1 }, {
  get(t, k, r) { seen.push(`get ${String(k)}`); return Reflect.get(t, k, r); },
  has(t, k) { seen.push(`has ${k}`); return k in t; },
  ownKeys(t) { seen.push('keys'); return Reflect.ownKeys(t); },
});
console.log(p.a, 'b' in p, Object.keys(p), seen);
console.log(p);

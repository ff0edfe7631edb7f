let f = 1n;
for (let i = 1n; i <= 60n; i++) f *= i;
console.log(f, f.toString(36), BigInt.asUintN(64, f), typeof f);
try { f + 1; } catch (e) { console.log(e.name, e.message); }

const a = Array.from({ length: 1000 }, (_, i) => ({ k: (i * 7919) % 10, i }));
a.sort((x, y) => x.k - y.k);
let stable = true;
for (let i = 1; i < a.length; i++) if (a[i - 1].k === a[i].k && a[i - 1].i > a[i].i) stable = false;
console.log(stable, a.slice(0, 3), a.length);

function deep(n) { if (n === 0) throw new TypeError('boom'); deep(n - 1); }
console.log('before'); deep(3);

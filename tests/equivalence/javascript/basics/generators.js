function* fib() { let [a, b] = [0, 1]; for (;;) { yield a; [a, b] = [b, a + b]; } }
const out = [];
for (const x of fib()) { if (x > 500) break; out.push(x); }
console.log(out, [...'añ😀'], Object.prototype.toString.call(fib()));
const it = fib(); console.log(it.next(), it.return(7), it.next());

function f(n) { return f(n + 1) + 1; }
try { f(0); } catch (e) { console.log(e instanceof RangeError, e.message); }
let depth = 0; (function g() { depth++; g(); }).call === 0; try { (function g() { depth++; g(); })(); } catch {} console.log(depth > 5000);

// Long enough to be compiled by every tier of V8.
function mix(a, b) { a ^= b << 5; a = (a * 31 + b) | 0; return a ^ (a >>> 7); }
let h = 1;
for (let i = 0; i < 5e6; i++) h = mix(h, i);
console.log(h);

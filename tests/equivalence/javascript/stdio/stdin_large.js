// equiv: {"stdin": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"}
const b = Buffer.alloc(10); let total = 0, n;
while ((n = require('fs').readSync(0, b, 0, 10, null)) > 0) total += n;
console.log(total);

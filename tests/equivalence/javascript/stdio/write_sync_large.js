// A descriptor that nobody has made non-blocking takes all of it.
const fs = require('fs');
const s = Buffer.alloc(300000, 'y');
let n = 0;
while (n < s.length) n += fs.writeSync(1, s, n);
fs.writeSync(2, String(n) + '\n');

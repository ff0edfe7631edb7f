const c = require('crypto'); const a = c.randomBytes(16), b = c.randomBytes(16); console.log(a.length, a.equals(b), /^[0-9a-f-]{36}$/.test(c.randomUUID()), c.randomInt(5) < 5, crypto.getRandomValues(new Uint8Array(4)).length, c.randomFillSync(Buffer.alloc(8)).length);
c.randomBytes(8, (e, x) => console.log(e, x.length)); c.randomInt(10, (e, n) => console.log(e, n < 10));

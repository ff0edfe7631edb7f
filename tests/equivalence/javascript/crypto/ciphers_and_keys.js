const c = require('crypto'); const key = Buffer.alloc(32, 1), iv = Buffer.alloc(16, 2); const e = c.createCipheriv('aes-256-cbc', key, iv); const x = e.update('secret', 'utf8', 'hex') + e.final('hex'); const d = c.createDecipheriv('aes-256-cbc', key, iv); console.log(x, d.update(x, 'hex', 'utf8') + d.final('utf8'));
console.log(c.pbkdf2Sync('p', 's', 1000, 16, 'sha256').toString('hex'), c.scryptSync('p', 's', 16).toString('hex'), c.hkdfSync('sha256', 'k', 's', 'i', 8).byteLength);
const { publicKey, privateKey } = c.generateKeyPairSync('ec', { namedCurve: 'P-256' }); console.log(c.verify('sha256', Buffer.from('m'), publicKey, c.sign('sha256', Buffer.from('m'), privateKey)));
try { c.createCipheriv('nope', key, iv); } catch (err) { console.log(err.code); }

const c = require('crypto');
const { promisify } = require('util');
(async () => {
  console.log((await promisify(c.pbkdf2)('p', 's', 1000, 16, 'sha1')).toString('hex'));
  console.log((await promisify(c.scrypt)('p', 's', 8)).toString('hex'));
  console.log(Buffer.from(await c.subtle.digest('SHA-256', Buffer.from('abc'))).toString('hex'));
  console.log((await promisify(c.generateKeyPair)('ed25519')).publicKey.asymmetricKeyType);
})();

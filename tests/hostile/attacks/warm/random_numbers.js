// SPDX-License-Identifier: Apache-2.0
// attack: waits for a box that draws the same random numbers as another one, forked from the same process
// layer: runner
// verdict: accepted
// mode: stream
// times: 6
// differ: yes
const crypto = require('crypto');

console.log('random', Math.random(), Math.random());
console.log('second', Array.from({ length: 200 }, () => Math.random()).pop());
console.log('bytes', crypto.randomBytes(16).toString('hex'));
console.log('int', crypto.randomInt(2 ** 47));
console.log('uuid', crypto.randomUUID());
console.log('uuid uncached', crypto.randomUUID({ disableEntropyCache: true }));
console.log('web', Buffer.from(crypto.webcrypto.getRandomValues(new Uint8Array(16))).toString('hex'));
console.log('key', crypto.generateKeySync('hmac', { length: 128 }).export().toString('hex'));
require('vm').runInNewContext('log(Math.random())', { log: (x) => console.log('context', x) });

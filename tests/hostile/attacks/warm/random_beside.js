// SPDX-License-Identifier: Apache-2.0
// attack: waits for a box beside it that draws the same random numbers
// layer: runner
// verdict: accepted
// mode: parallel
// differ: yes
const crypto = require('crypto');

console.log('random', Math.random());
console.log('bytes', crypto.randomBytes(16).toString('hex'), crypto.randomUUID());

const { pbkdf2 } = require('crypto');
const fs = require('fs');
for (let i = 0; i < 4; i++) pbkdf2('password', 'salt', 200000, 64, 'sha512', () => console.log('never'));
fs.write(1, 'by the pool, behind what keeps its four threads busy\n', () => console.log('never'));
throw new Error('with work in the pool');

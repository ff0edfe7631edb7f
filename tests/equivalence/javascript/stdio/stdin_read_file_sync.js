// equiv: {"stdin": "3\n1 2 3\n"}
const [n, ...rest] = require('fs').readFileSync(0, 'utf8').split('\n');
console.log(+n, rest[0].split(' ').map(Number).reduce((a, b) => a + b));

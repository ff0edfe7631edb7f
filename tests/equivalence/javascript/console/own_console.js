const { Console } = require('console');
const c = new Console({ stdout: process.stdout, stderr: process.stderr, inspectOptions: { depth: 0, compact: true } });
c.log({ a: { b: 1 } }); c.error('err'); console.log(console instanceof Console, typeof console.Console);

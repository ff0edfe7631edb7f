// equiv: {"stdin": "blue\n"}
const rl = require('readline/promises').createInterface({ input: process.stdin, output: process.stdout });
(async () => { const a = await rl.question('colour? '); console.log('got ' + a); rl.close(); })();

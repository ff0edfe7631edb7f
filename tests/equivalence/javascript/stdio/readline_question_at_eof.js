// Nothing answers: the loop runs empty and the program ends in good order.
const rl = require('readline').createInterface({ input: process.stdin, output: process.stdout });
rl.question('anyone? ', () => console.log('never'));
rl.on('close', () => console.log('closed'));

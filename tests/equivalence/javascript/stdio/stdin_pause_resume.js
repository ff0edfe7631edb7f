// equiv: {"stdin": "abc"}
process.stdin.once('data', (d) => { process.stdin.pause(); console.log(String(d)); setTimeout(() => { process.stdin.resume(); }, 2); });
process.stdin.on('end', () => console.log('end'));

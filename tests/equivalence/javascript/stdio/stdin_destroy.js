// equiv: {"stdin": "x\n"}
process.stdin.on('data', (d) => { console.log('got', d.length); process.stdin.destroy(); });
process.stdin.on('close', () => console.log('closed'));

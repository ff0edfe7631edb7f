process.on('exit', (c) => { console.log('code', c); process.exitCode = 9; });

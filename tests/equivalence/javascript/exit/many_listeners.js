for (let i = 0; i < 3; i++) process.on('exit', () => console.log('listener', i)); process.once('exit', () => console.log('once'));

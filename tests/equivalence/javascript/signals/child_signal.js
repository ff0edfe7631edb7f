const p = require('child_process').spawn('sleep', ['30']); p.on('spawn', () => p.kill('SIGUSR1')); p.on('exit', (c, s) => console.log(c, s, p.killed));

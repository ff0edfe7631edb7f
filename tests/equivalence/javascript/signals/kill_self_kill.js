require('fs').writeSync(1, 'before\n'); process.kill(process.pid, 'SIGKILL');

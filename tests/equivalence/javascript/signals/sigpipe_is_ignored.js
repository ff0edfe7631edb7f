process.kill(process.pid, 'SIGPIPE'); setTimeout(() => console.log('alive'), 5);

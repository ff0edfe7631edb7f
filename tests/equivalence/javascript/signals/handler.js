process.on('SIGTERM', (s, n) => { console.log('caught', s, n); process.exit(8); }); process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1000);

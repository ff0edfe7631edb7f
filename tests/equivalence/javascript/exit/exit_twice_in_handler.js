process.on('exit', () => { console.log('once'); process.exit(4); });
process.exit(2);

setTimeout(() => console.log('never'), 100000); setImmediate(() => process.exit(0));

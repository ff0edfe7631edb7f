const { Worker } = require('worker_threads'); const w = new Worker('setInterval(() => {}, 1000)', { eval: true }); w.on('online', () => { console.log('online'); process.exit(5); });

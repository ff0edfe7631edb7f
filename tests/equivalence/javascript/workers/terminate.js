const { Worker } = require('worker_threads'); const w = new Worker('for(;;);', { eval: true }); w.on('online', async () => { console.log('terminated with', await w.terminate()); });

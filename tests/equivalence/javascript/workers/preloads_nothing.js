// A worker starts node anew: what preloaded the main thread is not to be seen there.
const { Worker } = require('worker_threads'); new Worker('console.log(Object.keys(require.cache), process.execArgv, process.env.NODE_OPTIONS, process.argv.length); console.log(new Error("w").stack)', { eval: true });

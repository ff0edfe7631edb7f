// equiv: {"files": [{"name": "w.mjs", "content": "import { parentPort } from 'worker_threads'; parentPort.postMessage(import.meta.url.split('/').pop());"}]}
const { Worker } = require('worker_threads'); new Worker('./w.mjs').on('message', console.log);

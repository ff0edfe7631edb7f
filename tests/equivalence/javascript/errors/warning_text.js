// The whole text names the process; what a listener gets does not.
process.removeAllListeners('warning'); process.on('warning', (w) => console.log(w.name, w.code, w.message));
process.emitWarning('careful', { type: 'Mine', code: 'M1', detail: 'd' }); console.timeEnd('never'); console.countReset('never');
const e = new (require('events'))(); for (let i = 0; i < 12; i++) e.on('x', () => {});

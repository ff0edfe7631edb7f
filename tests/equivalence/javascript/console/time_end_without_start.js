// The warnings name the process, which differs; their texts do not.
process.removeAllListeners('warning'); process.on('warning', (w) => console.error(w.name, w.message));
console.timeEnd('never'); console.timeLog('never'); console.countReset('never'); console.groupEnd();

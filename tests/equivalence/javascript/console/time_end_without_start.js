console.timeEnd('never'); console.timeLog('never'); console.countReset('never'); console.groupEnd();

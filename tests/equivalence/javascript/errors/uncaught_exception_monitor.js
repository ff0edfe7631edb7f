process.on('uncaughtExceptionMonitor', (e, o) => console.log('monitor', o, e.message)); throw new Error('dies anyway');

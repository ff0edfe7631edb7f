process.on('uncaughtException', (e, origin) => { console.log(origin, e.message); setTimeout(() => console.log('alive'), 1); });
setTimeout(() => { throw new Error('first'); }, 0); Promise.reject(new Error('second'));

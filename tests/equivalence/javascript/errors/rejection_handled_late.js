process.on('unhandledRejection', () => console.log('unhandled')); process.on('rejectionHandled', () => console.log('handled late'));
const p = Promise.reject(new Error('x')); setTimeout(() => p.catch(() => console.log('caught')), 5);

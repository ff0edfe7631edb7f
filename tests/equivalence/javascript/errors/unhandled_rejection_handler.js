process.on('unhandledRejection', (r, p) => { console.log('caught', r.message, p); });
Promise.reject(new Error('x')); setTimeout(() => console.log('goes on'), 2);

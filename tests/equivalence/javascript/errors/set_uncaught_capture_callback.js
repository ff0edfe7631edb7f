process.setUncaughtExceptionCaptureCallback((e) => console.log('captured', e.message)); setTimeout(() => console.log('alive'), 1); throw new Error('x');

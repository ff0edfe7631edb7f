console.log('to stdout'); console.error('to stderr'); console.warn('warned'); console.info('info'); console.debug('debug');

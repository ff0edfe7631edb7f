process.nextTick(() => { console.log('tick'); process.exit(13); });

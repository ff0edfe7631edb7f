process.nextTick(() => { throw new RangeError('in tick'); });

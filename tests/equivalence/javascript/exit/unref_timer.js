setTimeout(() => console.log('never'), 100000).unref(); console.log('ends at once');

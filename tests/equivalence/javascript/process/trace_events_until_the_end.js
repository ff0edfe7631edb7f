// The thread that traces still runs when the program ends.
require('trace_events').createTracing({ categories: ['node.perf.usertiming', 'v8'] }).enable();
performance.mark('a mark');
process.on('exit', (code) => console.log('exit', code));
setTimeout(() => process.exit(4), 20);

process.stdout.on('error', (e) => console.error(e.code));
process.stdout.on('finish', () => { console.error('finished'); setImmediate(() => process.stdout.write('after the end\n')); });
process.stdout.end('last words\n');

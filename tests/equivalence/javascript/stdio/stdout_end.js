process.stdout.on('finish', () => console.error('finished'));
process.stdout.end('last words\n');
process.stdout.on('error', (e) => console.error(e.code));
setTimeout(() => process.stdout.write('after the end\n'), 1);

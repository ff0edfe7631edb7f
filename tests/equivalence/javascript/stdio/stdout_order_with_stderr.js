console.log('1'); console.error('a'); process.stdout.write('2\n'); process.stderr.write('b\n'); require('fs').writeSync(1, '3\n'); require('fs').writeSync(2, 'c\n');

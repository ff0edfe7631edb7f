process.stdout.write('y'.repeat(50000) + '\n'); throw new Error('after a large write');

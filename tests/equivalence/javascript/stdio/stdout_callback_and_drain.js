const more = process.stdout.write('a'.repeat(100), () => process.stderr.write('written\n'));
process.stdout.write('\n'); process.stderr.write(String(more) + '\n');
process.stdout.end && process.nextTick(() => console.log('tick'));

process.stdout.write(Buffer.from([0, 1, 255, 254, 10]));
process.stdout.write('\u00e9', 'latin1');

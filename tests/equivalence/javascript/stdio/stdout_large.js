for (let i = 0; i < 2000; i++) process.stdout.write('0123456789'.repeat(30) + '\n');

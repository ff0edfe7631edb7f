let n = 0; for (let i = 0; i < 5000; i++) setTimeout(() => { if (++n === 5000) console.log('all', n); }, i % 20);

async function* ticks(n) { for (let i = 0; i < n; i++) { await null; yield i; } }
(async () => { for await (const t of ticks(4)) console.log(t); for await (const p of [Promise.resolve('p'), 'v']) console.log(p); })();

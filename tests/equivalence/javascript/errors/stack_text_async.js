async function x() { await null; throw new Error('async'); }
async function y() { await x(); }
y().catch((e) => console.log(e.stack)); setTimeout(() => console.log(new Error('timer').stack), 1);
process.nextTick(() => console.log(new Error('tick').stack)); setImmediate(() => console.log(new Error('immediate').stack));

async function x() { await null; throw new Error('async'); }
async function y() { await x(); }
const show = (what) => new Promise((resolve) => what(() => { console.log(new Error('there').stack); resolve(); }));
y().catch((e) => console.log(e.stack)).then(() => show(process.nextTick)).then(() => show(setImmediate)).then(() => show((f) => setTimeout(f, 1))).then(() => show(queueMicrotask));

const r = new WeakRef({ a: 1 });
console.log(r.deref(), r instanceof WeakRef, typeof FinalizationRegistry);
const reg = new FinalizationRegistry(() => console.log('never in so short a run'));
reg.register({}, 1);

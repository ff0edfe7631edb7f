// equiv: {"files": [{"name": "m.mjs", "content": "export const v = await new Promise((r) => setTimeout(r, 2, 'awaited')); console.log('m done');"}]}
import('./m.mjs').then((m) => console.log(m.v)); console.log('main done');

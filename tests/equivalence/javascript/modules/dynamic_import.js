// equiv: {"files": [{"name": "m.mjs", "content": "import { readFileSync } from 'fs'; import x, { y } from './c.cjs'; export default x; export { y }; export const url = import.meta.url, f = typeof readFileSync, t = typeof require, self = this;"}, {"name": "c.cjs", "content": "module.exports = { y: 2 };"}]}
import('./m.mjs').then((m) => console.log(m, m.default)).then(() => import('fs')).then((f) => console.log(typeof f.default.readFile));
import('./missing.mjs').catch((e) => console.log(e.code));

// equiv: {"files": [{"name": "bad.mjs", "content": "import { nothing } from 'fs';"}, {"name": "syntax.mjs", "content": "let let = 1;"}]}
import('./bad.mjs').catch((e) => { console.log(e.name, e.message); return import('./syntax.mjs'); }).catch((e) => console.log(e.name, e.message));
import('./bad.mjs');

// equiv: {"files": [{"name": "package.json", "content": "{\"type\": \"module\"}"}]}
import { basename } from 'path';
console.log(basename(import.meta.url), typeof require, typeof module, this);
const v = await Promise.resolve('top-level await'); console.log(v, (await import('os')).EOL === '\n');

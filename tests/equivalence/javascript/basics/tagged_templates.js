const tag = (s, ...v) => s.raw.join('|') + v.join(',');
console.log(tag`a${1}\n${2}c`, String.raw`\u00e9${1}`, `multi
line`);

// equiv: {"stdin": "copied through a pipeline\n"}
const { pipeline, Transform } = require('stream');
pipeline(process.stdin, new Transform({ transform(c, e, cb) { cb(null, String(c).toUpperCase()); } }), process.stdout, (e) => console.error(e ? e.code : 'ok'));

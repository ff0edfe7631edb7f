const { Blob } = require('buffer');
const b = new Blob(['ab', new Uint8Array([99]), Buffer.from('d')], { type: 'text/plain' });
b.text().then((t) => console.log(t, b.size, b.type));
b.slice(1, 3).arrayBuffer().then((a) => console.log(a));

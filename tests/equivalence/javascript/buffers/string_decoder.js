const { StringDecoder } = require('string_decoder');
const d = new StringDecoder('utf8');
console.log([0xe2, 0x82, 0xac, 0xf0, 0x9f].map((x) => d.write(Buffer.from([x]))), d.end());

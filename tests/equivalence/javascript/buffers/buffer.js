const b = Buffer.from('héllo wörld');
console.log(b, b.toString('hex'), b.toString('base64'), b.length, b.subarray(1, 3), Buffer.concat([b, Buffer.alloc(2)]).length);
console.log(Buffer.from('ff00', 'hex').readUInt16BE(0), Buffer.compare(Buffer.from('a'), Buffer.from('b')), b.indexOf('w'), Buffer.byteLength('😀'), b.equals(Buffer.from(b)));
const w = Buffer.alloc(16); w.writeDoubleLE(1.5, 0); w.writeBigInt64BE(-1n, 8); console.log(w, w.toJSON().data.length, Buffer.from([256, -1]), b.toString('latin1'));
console.log(Buffer.allocUnsafe(10).length, Buffer.poolSize, Buffer.from('x').buffer.byteLength);

const b = new ArrayBuffer(16, { maxByteLength: 64 });
const v = new DataView(b); v.setFloat64(0, Math.PI); v.setInt16(8, -2, true);
console.log(new Uint8Array(b), b, Float32Array.of(1.1, 2.2), new BigInt64Array(2), b.resizable);
b.resize(32); console.log(b.byteLength, Uint8Array.from('123').map((x) => x * 100), new Uint8ClampedArray([300, -5, 1.5]));

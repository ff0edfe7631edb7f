const o = process.stdout, e = process.stderr, i = process.stdin;
console.log(o.constructor.name, e.constructor.name, o.fd, e.fd, i.fd, o.isTTY, i.isTTY, o.writableHighWaterMark, o.columns, o.writable, o._type, o.readable, o.hasColors === undefined);
console.log(Object.keys(o).sort().join(' '), o.listenerCount('error'), o.eventNames().map(String));
process.stdin.unref && process.stdin.unref();

// A clock that stood still while the runtime waited would make the first timer due at once.
const s = process.hrtime.bigint(); setTimeout(() => console.log(process.hrtime.bigint() - s >= 19500000n), 20);

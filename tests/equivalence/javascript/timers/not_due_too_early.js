// A clock that stood still while the runtime waited would make the first timer due at once.
// (libuv counts in whole milliseconds: one less than asked for is in order.)
const s = process.hrtime.bigint(); setTimeout(() => console.log(process.hrtime.bigint() - s >= 18900000n), 20);

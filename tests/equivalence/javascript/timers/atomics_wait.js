const a = new Int32Array(new SharedArrayBuffer(8)); const s = Date.now(); console.log(Atomics.wait(a, 0, 0, 30), Date.now() - s >= 29, Atomics.wait(a, 0, 1), Atomics.add(a, 0, 5), Atomics.load(a, 0), Atomics.notify(a, 0));
Atomics.waitAsync && Atomics.waitAsync(a, 1, 0, 10).value.then((v) => console.log(v));

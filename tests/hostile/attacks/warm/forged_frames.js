// SPDX-License-Identifier: Apache-2.0
// attack: writes what a launcher, an init or a warden would say to every descriptor that might lead to one
// layer: runner
// verdict: runtime_error
// exit_code: 5
// prints: tried
// mode: stream
// times: 3
// limits: {"wall_ms": 10000, "cpu_ms": 5000}
require('./probe');
const SIZES = [8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 128, 256, 512];

for (let fd = 3; fd < 1024; fd++) {
	let own = false;
	try { // the runtime's own: they lead nowhere else (descriptors.js)
		own = /^anon_inode:|^pipe:|^\/dev\/null$/.test(fs.readlinkSync(`/proc/self/fd/${fd}`));
	} catch (e) {
	}
	for (const size of own ? [] : SIZES)
		for (let kind = 1; kind < 9; kind++) {
			const frame = Buffer.alloc(size);
			frame.writeUInt32LE(kind);
			refused(`write ${fd}`, () => fs.writeSync(fd, frame), 'EBADF');
		}
}
console.log('tried');
process.exitCode = 5;

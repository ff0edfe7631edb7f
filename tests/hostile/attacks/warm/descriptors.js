// SPDX-License-Identifier: Apache-2.0
// attack: looks for descriptors that lead out of its box, or into the next one
// layer: runner
// verdict: accepted
// prints: contained
// mode: stream
// times: 3
require('./probe');
const MARK = 0x5eed;
const ends = new Map();

for (const name of fs.readdirSync('/proc/self/fd')) {
	let target;
	try {
		target = fs.readlinkSync(`/proc/self/fd/${name}`);
	} catch (e) { // the one that listed them
		continue;
	}
	if (target.startsWith('pipe:'))
		ends.set(target, [...(ends.get(target) || []), Number(name)]);
	else if (Number(name) > 2 && !/^(anon_inode:\[(eventpoll|eventfd)\]|\/dev\/null|\/proc\/\d+\/fd)$/.test(target))
		breach(`${name} -> ${target}`);
	if (target !== 'anon_inode:[eventfd]')
		continue;
	const count = /eventfd-count:\s*([0-9a-f]+)/.exec(fs.readFileSync(`/proc/self/fdinfo/${name}`, 'latin1'));
	if (count && parseInt(count[1], 16) >= MARK)
		breach(`${name} is also another's: ${count[1]}`);
	const mark = Buffer.alloc(8);
	mark.writeUInt32LE(MARK);
	fs.writeSync(Number(name), mark);
}
for (const [target, names] of ends) // an end without its other one is somebody else's
	if (names.length === 1 && names[0] > 2)
		breach(`${names[0]} -> ${target}`);
done();
process.reallyExit(0);

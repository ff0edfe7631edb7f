// SPDX-License-Identifier: Apache-2.0
// attack: searches its whole memory for the source, stdin, files, arguments, output and expected answers of those before it
// layer: runner
// verdict: accepted
// prints: contained
// never: KWS-
// mode: stream
// times: 3
// limits: {"memory_kb": 393216, "cpu_ms": 20000, "wall_ms": 30000}
// before: [{"code": "// @SECRET:source@\nconst fs = require('fs');\nconsole.log('KWS-read-' + require('crypto').randomBytes(12).toString('hex'), process.argv, process.env.A, fs.readFileSync('f', 'utf8'));\nconsole.log('@SECRET:literal@', fs.readFileSync(0, 'utf8'));\nconsole.error('@SECRET:err@');", "stdin": "@SECRET:stdin@", "args": ["@SECRET:arg@"], "env": {"A": "@SECRET:env@"}, "files": [{"name": "f", "content": "@SECRET:file@"}]}, {"code": "console.log(require('fs').readFileSync(0, 'utf8'), '@SECRET:code@')", "compare": "tokens", "test_cases": [{"input": "@SECRET:input@", "expected": "@SECRET:expected@"}]}, {"code": "console.log('@SECRET:last@')"}]
require('./probe');
const SECRET = /K[W]S-[a-z]{2,9}-[0-9a-f]{24}/g;
const own = 'KW' + 'S-own-' + require('crypto').randomBytes(12).toString('hex');
const planted = Buffer.from(own); // shows that the search does find what is there
const CHUNK = 1 << 20;
const OVERLAP = 256;
const block = Buffer.alloc(CHUNK + OVERLAP);
const found = new Set();

function look(text, where) {
	for (const secret of text.match(SECRET) || []) {
		found.add(secret);
		if (secret !== own)
			breach(`${where}: ${secret}`);
	}
}

const memory = fs.openSync('/proc/self/mem', 'r');
for (const line of fs.readFileSync('/proc/self/maps', 'latin1').split('\n')) {
	const [where, access] = line.split(' ');
	if (!access || access[0] !== 'r' || /\[v/.test(line))
		continue;
	const [first, behind] = where.split('-').map((x) => BigInt('0x' + x));
	for (let at = first; at < behind; at += BigInt(CHUNK)) {
		const left = Number(behind - at);
		try {
			const n = fs.readSync(memory, block, 0, Math.min(left, block.length), at);
			look(block.latin1Slice(0, n), line);
		} catch (e) { // a hole in it
		}
	}
}
if (!found.has(planted.toString()))
	odd('the search is blind');
for (const name of ['environ', 'cmdline', 'comm', 'mountinfo', 'stat', 'auxv'])
	look(fs.readFileSync(`/proc/self/${name}`, 'latin1'), name);
done();

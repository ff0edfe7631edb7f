// SPDX-License-Identifier: Apache-2.0
// attack: a detached child outlives its box, holds stdout and waits for the next program
// layer: init
// verdict: accepted
// prints: contained
// mode: stream
// times: 3
// limits: {"wall_ms": 10000, "memory_kb": 262144}
require('./probe');
const { spawn } = require('child_process');
const others = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));

if (others.length)
	breach(`somebody is there: ${others}`);
if (fs.existsSync('/box/left'))
	breach('files were left');
const child = spawn('/bin/sh', ['-c', 'echo up >&3; exec 3>&-; while :; do : > /box/left; done'],
	{ detached: true, stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
child.stdio[3].once('data', () => {
	done();
	process.exit();
});

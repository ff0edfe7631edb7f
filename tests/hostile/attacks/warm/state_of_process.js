// SPDX-License-Identifier: Apache-2.0
// attack: looks for state of the process that it was forked from, and spoils all of it for the next
// layer: runner
// verdict: accepted
// mode: stream
// times: 3
// as_cold: yes
require('./probe');
const os = require('os');
const STATUS = `Umask TracerPid Uid Gid Groups SigPnd ShdPnd SigBlk SigIgn CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs
	Seccomp Speculation_Store_Bypass THP_enabled`.split(/\s+/);
const read = (name) => fs.readFileSync(`/proc/self/${name}`, 'latin1').trim();
const status = new Map(read('status').split('\n').map((line) => line.split(/:\s*/)));

for (const key of STATUS)
	console.log(key, status.get(key));
const [, state, ppid, pgrp, session] = /.*\) (.) (\d+) (\d+) (\d+)/.exec(read('stat'));
console.log(read('limits'), read('oom_score_adj'), read('cgroup'), state, ppid);
console.log(pgrp === session, Number(pgrp) === process.pid, os.getPriority(), process.umask(), process.cwd());
console.log(process.argv, process.execArgv, process.env, process.title, process.exitCode, __filename, module.paths);
console.log(process.eventNames().sort(), process.listenerCount('exit'));
console.log(Object.keys(globalThis), Object.getOwnPropertyNames(Object.prototype), Object.keys(require.cache));
console.log(new Date(0).toString(), Intl.DateTimeFormat().resolvedOptions().locale, module.children.length);
for (const dir of ['/box', '/tmp', '/dev/shm'])
	console.log(dir, fs.readdirSync(dir));

os.setPriority(7);
process.umask(0);
process.chdir('/tmp');
process.title = 'left';
process.env.KW_LEFT = 'left';
fs.writeFileSync('/tmp/left', '');
Object.prototype.left = Array.prototype.left = 'left';
globalThis.left = 'left';
process.exitCode = 3;
process.on('exit', () => {
	process.reallyExit(0);
});
console.log = Number.prototype.toString = JSON.parse = () => 'left';
Math.random = Date.now = () => 7;
setInterval(() => {}, 1e9);
setImmediate(() => process.exit());

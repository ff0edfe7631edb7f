// SPDX-License-Identifier: Apache-2.0
// attack: reaches for the process that it was forked from: signals, /proc, shared memory, priorities
// layer: runner
// verdict: accepted
// prints: contained
// mode: stream
// times: 3
// limits: {"wall_ms": 10000, "cpu_ms": 5000}
require('./probe');
const os = require('os');

if (process.ppid !== 0 && process.ppid !== 1)
	breach(`parent ${process.ppid}`);
for (let pid = 2; pid < 600; pid++) {
	if (fs.existsSync(`/proc/self/task/${pid}`)) // a thread of our own
		continue;
	refused(`signal ${pid}`, () => process.kill(pid, 0), 'ESRCH', 'EPERM');
	refused(`/proc/${pid}`, () => fs.readFileSync(`/proc/${pid}/cmdline`), 'ENOENT', 'EACCES');
}
for (const line of fs.readFileSync('/proc/self/maps', 'latin1').split('\n'))
	if (/^\S+ ...s/.test(line) && (/^\S+ .w/.test(line) || !line.includes(' /usr/')))
		breach(`shared memory: ${line}`);
refused('/proc/1', () => fs.readFileSync('/proc/1/environ'), 'ENOENT', 'EACCES');
refused('priority of init', () => os.setPriority(1, 10), 'ERR_SYSTEM_ERROR');
for (const name of ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGUSR2', 'SIGCHLD']) {
	process.on(name, () => {});
	process.kill(0, name);
}
for (const name of ['SIGKILL', 'SIGSTOP', 'SIGSEGV', 'SIGTERM']) {
	try {
		process.kill(1, name); // is taken, and does nothing
		process.kill(-1, name);
	} catch (e) {
	}
}
done();
process.exit();

// SPDX-License-Identifier: Apache-2.0
// attack: a bomb of worker threads and child processes
// layer: cgroup-pids
// verdict: runtime_error|process_limit|memory_limit|time_limit
// limits: {"processes": 16}
const { spawn } = require("child_process");
for (let i = 0; i < 100; i++)
	spawn("/bin/sleep", ["100"]);

// SPDX-License-Identifier: Apache-2.0
// attack: a flood of children that nobody waits for
// layer: cgroup-pids
// verdict: accepted
// prints: contained
// limits: {"processes": 16}
#include "probe.h"

int main(void)
{
	int n, code = 0;

	for (n = 1; n < 500; n++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0) {
			code = errno;
			break;
		}
	}
	if (n > 16)
		breach("more than 16 zombies");
	else if (code != EAGAIN)
		odd("fork", code);
	return done();
}

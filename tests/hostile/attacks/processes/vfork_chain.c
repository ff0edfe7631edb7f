// SPDX-License-Identifier: Apache-2.0
// attack: a chain of vforks, each parent suspended in the kernel
// layer: cgroup-pids
// verdict: accepted
// prints: contained
// limits: {"processes": 16}
#include "probe.h"

static volatile int depth = 1;

int main(void)
{
	for (;;) {
		pid_t pid = vfork();

		if (pid < 0)
			break;
		if (pid > 0)
			_exit(0);
		if (++depth > 400)
			break;
	}
	if (depth > 16)
		breach("a chain of more than 16 processes");
	else
		write(1, "contained\n", 10);
	_exit(0);
}

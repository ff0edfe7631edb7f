// SPDX-License-Identifier: Apache-2.0
// attack: traces init, a child, or asks to be traced
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/ptrace.h>

int main(void)
{
	pid_t child = fork();

	if (child == 0) {
		pause();
		_exit(0);
	}
	refused("attach to init", ptrace(PTRACE_ATTACH, 1, 0, 0), EPERM, 0, 0);
	refused("seize init", ptrace(PTRACE_SEIZE, 1, 0, 0), EPERM, 0, 0);
	refused("attach to parent", ptrace(PTRACE_ATTACH, getppid(), 0, 0), EPERM, 0, 0);
	refused("attach to child", ptrace(PTRACE_ATTACH, child, 0, 0), EPERM, 0, 0);
	refused("be traced", ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM, 0, 0);
	return done();
}

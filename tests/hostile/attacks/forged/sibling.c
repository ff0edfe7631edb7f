// SPDX-License-Identifier: Apache-2.0
// attack: a sibling, child of whose child the program is, ends well in the program's place
// layer: seccomp
// verdict: runtime_error
// exit_code: 7
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 20; i++)
		if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
			_exit(0);
	for (volatile long n = 0; n < 20000000; n++)
		;
	return 7;
}

// SPDX-License-Identifier: Apache-2.0
// attack: a sibling goes on where the program has ended
// layer: seccomp
// verdict: accepted
// prints: program
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
		for (;;)
			pause();
	write(1, "program\n", 8);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// attack: a flood of orphans, which fills the box unless its init buries them
// layer: init
// verdict: accepted
// prints: 200
// limits: {"processes": 16}
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int ended = 0;

	while (ended < 200) {
		pid_t pid = fork();

		if (pid == 0) {
			if (fork() >= 0)
				_exit(0);
			_exit(1);
		}
		if (pid < 0) {
			sched_yield();
			continue;
		}
		int status = 1;

		waitpid(pid, &status, 0);
		ended += status == 0;
	}
	printf("%d\n", ended);
}

// SPDX-License-Identifier: Apache-2.0
// attack: leaves stopped orphans behind
// layer: pidns
// verdict: accepted
// prints: done
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;

	for (int i = 0; i < 6; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			setsid();
			raise(SIGSTOP);
			_exit(0);
		}
		waitpid(pid, &status, WUNTRACED);
	}
	puts("done");
}

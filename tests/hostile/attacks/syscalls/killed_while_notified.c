// SPDX-License-Identifier: Apache-2.0
// attack: dies again and again in the middle of a call that the warden is asked about
// layer: seccomp
// verdict: accepted|security_violation
// never: BREACH
#include "probe.h"
#include <sys/mount.h>

int main(void)
{
	for (int i = 0; i < 40; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			mount("none", "/tmp", "tmpfs", 0, NULL);
			pause();
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: stops and goes on again, which waiting must not take for the end
// layer: init
// verdict: runtime_error
// exit_code: 3
#include <signal.h>
#include <unistd.h>

int main(void)
{
	pid_t me = getpid();

	if (fork() == 0) {
		for (;;) {
			usleep(20000);
			kill(me, SIGCONT);
		}
	}
	kill(me, SIGSTOP);
	kill(me, SIGSTOP);
	return 3;
}

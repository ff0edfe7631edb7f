// SPDX-License-Identifier: Apache-2.0
// attack: stops itself and its children
// layer: wall
// verdict: time_limit
// limits: {"wall_ms": 400}
#include <signal.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 6; i++)
		if (fork() == 0) {
			raise(SIGSTOP);
			_exit(0);
		}
	raise(SIGSTOP);
	return 0;
}

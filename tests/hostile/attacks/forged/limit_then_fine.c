// SPDX-License-Identifier: Apache-2.0
// attack: more cpu time than allowed in children, then a good ending just before anybody looks
// layer: cpu
// verdict: time_limit
// limits: {"cpu_ms": 200, "wall_ms": 3000}
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	if (fork() == 0) {
		struct timespec t;

		do
			clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
		while (t.tv_nsec < 400000000 && !t.tv_sec);
		_exit(0);
	}
	wait(NULL);
	puts("fine");
}

// SPDX-License-Identifier: Apache-2.0
// attack: slows pid 1, on whose death the box's end rests, and then takes its processor
// layer: cpu
// verdict: time_limit
// limits: {"cpu_ms": 1000, "wall_ms": 2000, "processes": 60}
#define _GNU_SOURCE
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void)
{
	struct rlimit none = { 0, 1 };
	struct sched_param idle = { 0 };
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(1, sizeof(first), &first);
	sched_setscheduler(1, SCHED_IDLE, &idle);
	setpriority(PRIO_PROCESS, 1, 19);
	setpriority(PRIO_USER, 0, 19);
	prlimit(1, RLIMIT_CPU, &none, NULL);
	prlimit(1, RLIMIT_NOFILE, &none, NULL);
	sched_setaffinity(0, sizeof(first), &first);
	for (int i = 0; i < 50; i++)
		if (fork() == 0)
			break;
	for (;;)
		;
}

// SPDX-License-Identifier: Apache-2.0
// attack: takes cpu, memory and processes, while an honest program runs beside it
// layer: cgroup-cpu
// verdict: time_limit|memory_limit
// mode: honest
// limits: {"cpu_ms": 600, "wall_ms": 2000, "memory_kb": 32768, "processes": 16}
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 20; i++)
		fork();
	for (int i = 0;; i++) {
		char *p = malloc(100000);

		if (p && i < 10)
			memset(p, 1, 100000);
	}
}

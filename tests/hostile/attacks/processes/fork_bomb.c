// SPDX-License-Identifier: Apache-2.0
// attack: a fork bomb
// layer: cgroup-pids
// verdict: time_limit
// limits: {"cpu_ms": 500, "wall_ms": 2000, "processes": 16}
#include <unistd.h>

int main(void)
{
	for (;;)
		fork();
}

// SPDX-License-Identifier: Apache-2.0
// attack: takes memory as the kernel's records of a million mappings
// layer: cgroup-memory
// verdict: memory_limit|accepted|time_limit
// limits: {"memory_kb": 32768, "cpu_ms": 3000, "wall_ms": 6000}
#include "probe.h"
#include <sys/mman.h>

int main(void)
{
	long count = 0;

	for (int child = 0; child < 12; child++) {
		if (fork() > 0)
			continue;
		for (int i = 0;; i++) {
			void *p = mmap(NULL, 4096, i & 1 ? PROT_READ : PROT_NONE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (p == MAP_FAILED)
				break;
			count++;
		}
		if (count > 70000)
			breach("more mappings than the kernel's own limit");
		pause();
	}
	usleep(1500000);
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: finds what an earlier program left in memory
// layer: cgroup-memory
// verdict: accepted
// prints: contained
// cases: 6
// limits: {"memory_kb": 65536, "wall_ms": 2000}
#include "probe.h"
#include <sys/mman.h>

int main(void)
{
	size_t size = 32 << 20;
	long *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long found = 0;

	if (p == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < size / sizeof(*p); i++) {
		found |= p[i];
		p[i] = 0x6b77686f7374696c;
	}
	if (found)
		breach("memory that is not zero");
	return done();
}

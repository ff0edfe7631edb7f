// SPDX-License-Identifier: Apache-2.0
// attack: takes memory and pushes it out to swap
// layer: cgroup-memory
// verdict: memory_limit
// limits: {"memory_kb": 32768}
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	for (int i = 0; i < 128; i++) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		if (p == MAP_FAILED)
			return 1;
		memset(p, 1, 1 << 20);
		madvise(p, 1 << 20, 21 /* MADV_PAGEOUT */);
	}
	puts("BREACH 128 MB in 32 MB of memory");
}

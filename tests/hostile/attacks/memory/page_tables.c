// SPDX-License-Identifier: Apache-2.0
// attack: takes memory as page tables, with the one zero page mapped everywhere
// layer: cgroup-memory
// verdict: memory_limit
// limits: {"memory_kb": 32768, "cpu_ms": 1000}
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

int main(void)
{
	size_t size = 64ul << 30;
	volatile char *p =
		mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char sum = 0;

	if (p == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	madvise((void *)p, size, MADV_NOHUGEPAGE);
	for (size_t at = 0; at < size; at += 2 << 20)
		sum += p[at];
	printf("BREACH 128 MB of page tables in 32 MB of memory %d\n", sum);
}

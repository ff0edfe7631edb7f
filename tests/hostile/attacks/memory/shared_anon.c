// SPDX-License-Identifier: Apache-2.0
// attack: takes memory as shared anonymous mappings, filled by children that end at once
// layer: cgroup-memory
// verdict: memory_limit
// limits: {"memory_kb": 32768}
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 32; i++) {
		char *p = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			       -1, 0);

		if (p == MAP_FAILED)
			return 1;
		if (fork() == 0) {
			memset(p, 1, 4 << 20);
			_exit(0);
		}
		wait(NULL);
	}
	puts("BREACH 128 MB shared in 32 MB of memory");
}

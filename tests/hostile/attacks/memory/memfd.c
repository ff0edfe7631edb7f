// SPDX-License-Identifier: Apache-2.0
// attack: takes memory as memory files
// layer: cgroup-memory
// verdict: memory_limit
// limits: {"memory_kb": 32768, "file_kb": 262144}
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	static char block[1 << 20];
	long sum = 0;

	for (int f = 0; f < 8; f++) {
		int fd = memfd_create("m", 0);
		ssize_t n;

		if (fd < 0) {
			perror("memfd_create");
			return 1;
		}
		for (int i = 0; i < 16 && (n = write(fd, block, sizeof(block))) > 0; i++)
			sum += n;
	}
	if (sum > 40l << 20)
		puts("BREACH 40 MB of memory files in 32 MB of memory");
}

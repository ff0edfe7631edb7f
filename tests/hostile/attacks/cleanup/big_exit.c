// SPDX-License-Identifier: Apache-2.0
// attack: as much memory as allowed, in many processes, all given back at the same moment
// layer: cgroup-memory
// verdict: accepted
// prints: done
// limits: {"memory_kb": 65536, "processes": 16}
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	int p[2];
	char c;

	if (pipe(p) < 0)
		return 1;
	for (int i = 0; i < 10; i++)
		if (fork() == 0) {
			memset(malloc(4 << 20), 1, 4 << 20);
			write(p[1], "x", 1);
			pause();
		}
	for (int i = 0; i < 10; i++)
		read(p[0], &c, 1);
	puts("done");
}

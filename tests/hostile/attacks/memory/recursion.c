// SPDX-License-Identifier: Apache-2.0
// attack: recursion without end
// layer: cgroup-memory
// verdict: runtime_error|memory_limit
// limits: {"memory_kb": 32768}
#include <stdio.h>
#include <string.h>

static int deeper(int n)
{
	volatile char block[65536];

	memset((char *)block, n, sizeof(block));
	return deeper(n + 1) + block[n & 65535];
}

int main(void)
{
	printf("BREACH %d\n", deeper(0));
}

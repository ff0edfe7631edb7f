// SPDX-License-Identifier: Apache-2.0
// attack: leaves memory that the kernel gives back late, so that the next test has less than it was promised
// layer: cgroup-memory
// verdict: accepted
// limits: {"memory_kb": 65536, "processes": 8, "wall_ms": 5000}
// request: {"test_cases": [{"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "f", "expected": "contained", "limits": {"memory_kb": 65536}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}, {"input": "h", "expected": "contained", "limits": {"memory_kb": 5120}}]}
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	if (getchar() == 'f') { /* forks that are refused leave tasks to be freed after a grace period */
		for (int i = 0; i < 1500; i++)
			if (fork() == 0)
				pause();
	} else {
		for (int i = 0; i < 4; i++)
			memset(malloc(1 << 20), 1, 1 << 20);
	}
	puts("contained");
}

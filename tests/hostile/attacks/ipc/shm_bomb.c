// SPDX-License-Identifier: Apache-2.0
// attack: takes memory as segments that outlive every process
// layer: cgroup-memory
// verdict: accepted|memory_limit
// never: BREACH
// limits: {"memory_kb": 32768}
#include "probe.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void)
{
	long sum = 0;

	for (int i = 0; i < 64; i++) {
		int id = shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600);
		char *p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

		if (p == (void *)-1)
			break;
		memset(p, 1, 1 << 20);
		shmdt(p);
		sum += 1 << 20;
	}
	if (sum > 40l << 20)
		breach("40 MB of segments in 32 MB of memory");
	return done();
}

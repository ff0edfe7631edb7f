// SPDX-License-Identifier: Apache-2.0
// attack: reads the shared memory of the host
// layer: ipcns
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void)
{
	struct shmid_ds ds;
	int id = shmget(0x6b776873, 0, 0);

	if (id >= 0) {
		char *p = shmat(id, NULL, SHM_RDONLY);

		breach(p == (void *)-1 ? "a segment of the host" : p);
	}
	for (int i = 0; i < 64; i++) {
		id = shmctl(i, SHM_STAT, &ds);
		if (id >= 0)
			breach("the list of the host's segments");
	}
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: leaves a message in System V shared memory
// layer: ipcns
// verdict: accepted
// prints: contained
// cases: 6
#include "probe.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void)
{
	int id = shmget(0x6b770002, 4096, IPC_CREAT | IPC_EXCL | 0666);

	if (id < 0 && errno == EEXIST)
		breach("a segment of an earlier box");
	return done();
}

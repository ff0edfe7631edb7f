// SPDX-License-Identifier: Apache-2.0
// attack: exchanges messages by System V shared memory
// layer: ipcns
// verdict: accepted
// prints: contained
// mode: parallel
#include "probe.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void)
{
	int id = shmget(0x6b770001, 4096, IPC_CREAT | IPC_EXCL | 0666);

	if (id < 0 && errno == EEXIST)
		breach("a segment of another box");
	usleep(300000);
	return done();
}

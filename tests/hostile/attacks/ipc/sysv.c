// SPDX-License-Identifier: Apache-2.0
// attack: leaves semaphores, queues and segments behind
// layer: ipcns
// verdict: accepted
// never: BREACH
#include "probe.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void)
{
	for (int i = 0; i < 20; i++) {
		semget(0x6b770000 + i, 4, IPC_CREAT | 0666);
		msgget(0x6b770000 + i, IPC_CREAT | 0666);
		shmget(0x6b770000 + i, 65536, IPC_CREAT | 0666);
	}
	return 0;
}

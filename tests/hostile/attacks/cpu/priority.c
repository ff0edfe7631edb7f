// SPDX-License-Identifier: Apache-2.0
// attack: raises its own priority, or becomes a real-time process
// layer: rlimits
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sched.h>
#include <sys/resource.h>

int main(void)
{
	struct sched_param p = { .sched_priority = 1 };

	refused("setpriority", setpriority(PRIO_PROCESS, 0, -20), EACCES, EPERM, ENOSYS);
	refused("nice", syscall(SYS_setpriority, PRIO_USER, 0, -1), EACCES, EPERM, ENOSYS);
	refused("fifo", sched_setscheduler(0, SCHED_FIFO, &p), EPERM, ENOSYS, 0);
	refused("rr", sched_setscheduler(0, SCHED_RR, &p), EPERM, ENOSYS, 0);
	refused("init", sched_setscheduler(1, SCHED_FIFO, &p), EPERM, ENOSYS, ESRCH);
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: moves itself, init and everybody else to other cpus, or into another group
// layer: caps
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sched.h>

int main(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	refused("affinity of init", sched_setaffinity(1, sizeof(one), &one), EPERM, ENOSYS, ESRCH);
	refused("group of init", setpgid(1, 0), 0, 0, 0);
	refused("session of init", syscall(SYS_getsid, 12345), 0, 0, 0);
	refused("migrate_pages", syscall(SYS_migrate_pages, 1, 0, NULL, NULL), 0, 0, 0);
	return done();
}

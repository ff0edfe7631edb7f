// SPDX-License-Identifier: Apache-2.0
// attack: sets the clock of the host
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

int main(void)
{
	struct timespec t = { .tv_sec = 1 };
	struct timeval v = { .tv_sec = 1 };
	struct timex x = { .modes = ADJ_TICK, .tick = 9900 };

	refused("clock_settime", clock_settime(CLOCK_REALTIME, &t), EPERM, ENOSYS, 0);
	refused("settimeofday", syscall(SYS_settimeofday, &v, NULL), EPERM, ENOSYS, 0);
	refused("adjtimex", syscall(SYS_adjtimex, &x), EPERM, ENOSYS, 0);
	refused("clock_adjtime", syscall(SYS_clock_adjtime, CLOCK_REALTIME, &x), EPERM, ENOSYS, 0);
	refused("time namespace", syscall(SYS_unshare, 0x80), EPERM, ENOSYS, 0);
	return done();
}

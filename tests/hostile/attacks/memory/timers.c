// SPDX-License-Identifier: Apache-2.0
// attack: takes memory inside the kernel, as timers and queued signals
// layer: rlimits
// verdict: accepted
// prints: contained
// limits: {"memory_kb": 32768}
#include "probe.h"
#include <time.h>

int main(void)
{
	sigset_t set;
	long n, q;

	for (n = 0; n < 20000; n++) {
		struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
		timer_t t;

		if (timer_create(CLOCK_MONOTONIC, &e, &t) < 0)
			break;
	}
	if (n > 2000)
		breach("20000 timers");
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (q = 0; q < 20000; q++)
		if (sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ 0 }) < 0)
			break;
	if (q > 2000)
		breach("20000 queued signals");
	return done();
}

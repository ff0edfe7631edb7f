// SPDX-License-Identifier: Apache-2.0
// attack: raises its own limits, and those of init
// layer: rlimits
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/resource.h>

int main(void)
{
	static const int which[] = { RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_MSGQUEUE,  RLIMIT_MEMLOCK,
				     RLIMIT_RTPRIO, RLIMIT_NICE,  RLIMIT_SIGPENDING };
	struct rlimit r, old;

	for (unsigned i = 0; i < sizeof(which) / sizeof(*which); i++) {
		char what[64];

		snprintf(what, sizeof(what), "raise limit %d", which[i]);
		if (getrlimit(which[i], &r) < 0) {
			odd(what, errno);
			continue;
		}
		if (r.rlim_max == RLIM_INFINITY) {
			breach(what);
			continue;
		}
		r.rlim_cur = r.rlim_max = r.rlim_max + 1;
		refused(what, setrlimit(which[i], &r), EPERM, 0, 0);
	}
	refused("limits of init", prlimit(1, RLIMIT_NOFILE, NULL, &old), EPERM, ESRCH, 0);
	r.rlim_cur = r.rlim_max = 0;
	refused("lower init's limits", prlimit(1, RLIMIT_NOFILE, &r, NULL), EPERM, ESRCH, 0);
	return done();
}

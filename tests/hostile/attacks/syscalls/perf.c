// SPDX-License-Identifier: Apache-2.0
// attack: performance counters, a way to watch the host
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <linux/perf_event.h>

int main(void)
{
	struct perf_event_attr a = { .type = PERF_TYPE_SOFTWARE,
				     .size = sizeof(a),
				     .config = PERF_COUNT_SW_CPU_CLOCK };

	refused("self", syscall(SYS_perf_event_open, &a, 0, -1, -1, 0), EPERM, ENOSYS, 0);
	refused("cpu 0", syscall(SYS_perf_event_open, &a, -1, 0, -1, 0), EPERM, ENOSYS, 0);
	return done();
}

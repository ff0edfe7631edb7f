// SPDX-License-Identifier: Apache-2.0
// attack: catches SIGXCPU, and tries to raise its own RLIMIT_CPU
// layer: cpu
// verdict: time_limit
// limits: {"cpu_ms": 500, "wall_ms": 2000}
#include <signal.h>
#include <sys/resource.h>

static void again(int s)
{
	struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CPU, &r);
	signal(s, again);
}

int main(void)
{
	again(SIGXCPU);
	for (;;)
		__asm__ volatile("" ::: "memory");
}

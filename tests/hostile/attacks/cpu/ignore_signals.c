// SPDX-License-Identifier: Apache-2.0
// attack: blocks and ignores every signal, then spins
// layer: cpu
// verdict: time_limit
// limits: {"cpu_ms": 500, "wall_ms": 2000}
#include <signal.h>

int main(void)
{
	sigset_t all;

	for (int s = 1; s < 65; s++)
		signal(s, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, 0);
	for (;;)
		__asm__ volatile("" ::: "memory");
}

// SPDX-License-Identifier: Apache-2.0
// attack: kills, stops and signals the init of its box
// layer: userns
// verdict: runtime_error
// exit_code: 6
// prints: alive
#include "probe.h"

int main(void)
{
	for (int s = 1; s < 65; s++) {
		union sigval v = { .sival_int = 0 };

		if (kill(1, s) == 0 && (s == SIGKILL || s == SIGSTOP))
			odd("init took a signal", 0);
		sigqueue(1, s, v);
		syscall(SYS_tgkill, 1, 1, s);
	}
	puts("alive");
	return 6;
}

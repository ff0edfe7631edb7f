// SPDX-License-Identifier: Apache-2.0
// attack: sleeps inside vfork, which no signal but SIGKILL interrupts
// layer: wall
// verdict: time_limit
// limits: {"wall_ms": 400}
#include <unistd.h>

int main(void)
{
	if (vfork() == 0)
		for (;;)
			pause();
	return 0;
}

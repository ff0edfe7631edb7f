// SPDX-License-Identifier: Apache-2.0
// attack: children that replace themselves for ever, to slip through while the box is being killed
// layer: pidns
// verdict: time_limit
// limits: {"cpu_ms": 1000, "wall_ms": 300, "processes": 32}
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 12; i++)
		if (fork() == 0)
			for (;;) {
				if (fork() > 0)
					_exit(0);
				setsid();
			}
	for (;;)
		pause();
}

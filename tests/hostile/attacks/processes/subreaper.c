// SPDX-License-Identifier: Apache-2.0
// attack: adopts its orphans in place of init, and leaves them running
// layer: pidns
// verdict: accepted
// prints: adopted
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
	int p[2];
	char c;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (pipe(p) < 0)
		return 1;
	if (fork() == 0) {
		if (fork() == 0) {
			setsid();
			write(p[1], "x", 1);
			for (;;)
				pause();
		}
		_exit(0);
	}
	read(p[0], &c, 1);
	puts("adopted");
}

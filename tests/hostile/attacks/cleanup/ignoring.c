// SPDX-License-Identifier: Apache-2.0
// attack: children that block and ignore every signal stay behind
// layer: pidns
// verdict: accepted
// prints: done
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	int p[2];
	char c;

	if (pipe(p) < 0)
		return 1;
	for (int i = 0; i < 6; i++)
		if (fork() == 0) {
			sigset_t all;

			for (int s = 1; s < 65; s++)
				signal(s, SIG_IGN);
			sigfillset(&all);
			sigprocmask(SIG_BLOCK, &all, NULL);
			setsid();
			write(p[1], "x", 1);
			for (;;)
				pause();
		}
	for (int i = 0; i < 6; i++)
		read(p[0], &c, 1);
	puts("done");
}

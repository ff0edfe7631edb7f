// SPDX-License-Identifier: Apache-2.0
// attack: the same from many processes at once, so that nobody sees more than a few of each
// layer: seccomp
// verdict: security_violation
// never: BREACH
#include "probe.h"
#include <sys/mount.h>

int main(void)
{
	for (int child = 0; child < 10; child++)
		if (fork() == 0) {
			for (int i = 0; i < 5000; i++)
				mount("none", "/tmp", "tmpfs", 0, NULL);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	breach("50000 denied calls");
	return 0;
}

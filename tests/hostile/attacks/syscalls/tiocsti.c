// SPDX-License-Identifier: Apache-2.0
// attack: types into the terminal of the operator
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/ioctl.h>

int main(void)
{
	char c = '\n';

	for (int fd = 0; fd < 3; fd++) {
		refused("TIOCSTI", ioctl(fd, TIOCSTI, &c), EPERM, 0, 0);
		for (int bit = 32; bit < 64; bit += 5)
			refused("TIOCSTI, high bits",
				syscall(SYS_ioctl, fd, (long)(1ul << bit) | TIOCSTI, &c), EPERM, 0,
				0);
	}
	refused("controlling terminal", open("/dev/tty", O_RDWR), ENOENT, ENXIO, EACCES);
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: takes descriptors out of init
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, 1, 0);

	for (int fd = 0; fd < 30; fd++)
		refused("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, fd, 0), EPERM, ENOSYS,
			EBADF);
	refused("signal", syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0), EPERM, ENOSYS,
		EBADF);
	refused("process_madvise", syscall(440, pidfd, NULL, 0, 4, 0), 0, 0, 0);
	refused("process_mrelease", syscall(448, pidfd, 0), 0, 0, 0);
	return done();
}

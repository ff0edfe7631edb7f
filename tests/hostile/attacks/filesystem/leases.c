// SPDX-License-Identifier: Apache-2.0
// attack: leases and directory notices, with which one box could stall or watch another
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	int fd = open("/tmp/f", O_CREAT | O_RDWR, 0600), dir = open("/tmp", O_RDONLY),
	    lib = open("/etc/passwd", O_RDONLY);
	long high = 1l << 32;

	refused("lease", fcntl(fd, F_SETLEASE, F_WRLCK), EPERM, 0, 0);
	refused("lease on the tree", fcntl(lib, F_SETLEASE, F_RDLCK), EPERM, 0, 0);
	refused("notify", fcntl(dir, F_NOTIFY, DN_CREATE), EPERM, 0, 0);
	refused("lease, high bits", syscall(SYS_fcntl, fd, high | F_SETLEASE, F_WRLCK), EPERM,
		EINVAL, 0);
	refused("notify, high bits", syscall(SYS_fcntl, dir, high | F_NOTIFY, DN_CREATE), EPERM,
		EINVAL, 0);
	return done();
}

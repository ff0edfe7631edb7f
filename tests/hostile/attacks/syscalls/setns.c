// SPDX-License-Identifier: Apache-2.0
// attack: enters the namespaces of another process, or those that it left
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sched.h>

int main(void)
{
	static const char *const names[] = { "user", "mnt", "net",    "pid",
					     "ipc",  "uts", "cgroup", "time" };

	for (unsigned i = 0; i < 8; i++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/1/ns/%s", names[i]);
		refused(path, open(path, O_RDONLY), ENOENT, EACCES, EPERM);
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		fd = open(path, O_RDONLY);
		if (fd >= 0) {
			refused(path, setns(fd, 0), EPERM, 0, 0);
			refused("owner of the namespace", ioctl(fd, 0xb701), EPERM, ENOTTY, ENOSYS);
			close(fd);
		}
	}
	refused("setns by pidfd", setns((int)syscall(SYS_pidfd_open, 1, 0), CLONE_NEWNS), EPERM,
		EBADF, 0);
	return done();
}

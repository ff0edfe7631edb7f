// SPDX-License-Identifier: Apache-2.0
// attack: calls that do not exist yet, and old ones that nobody needs
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	for (int nr = 480; nr < 520; nr++)
		refused("unknown", syscall(nr, 0, 0, 0, 0, 0, 0), ENOSYS, 0, 0);
	refused("number -1", syscall(-1), ENOSYS, 0, 0);
	refused("sysfs", syscall(SYS_sysfs, 3), EPERM, ENOSYS, 0);
	refused("_sysctl", syscall(156, 0), EPERM, ENOSYS, 0);
	refused("nfsservctl", syscall(180, 0, 0, 0), EPERM, ENOSYS, 0);
	refused("modify_ldt", syscall(SYS_modify_ldt, 0x11, NULL, 0), EPERM, ENOSYS, 0);
	refused("ustat", syscall(SYS_ustat, 0, NULL), EPERM, ENOSYS, 0);
	refused("move_pages", syscall(SYS_move_pages, 1, 0, NULL, NULL, NULL, 0), EPERM, ENOSYS, 0);
	refused("memfd_secret", syscall(447, 0), EPERM, ENOSYS, 0);
	return done();
}

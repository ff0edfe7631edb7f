// SPDX-License-Identifier: Apache-2.0
// attack: the same with the new mount calls
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	static char attr[32] = { 1 };

	refused("open_tree", syscall(428, -100, "/", 1 /* CLONE */), EPERM, ENOSYS, 0);
	refused("move_mount", syscall(429, -100, "/proc", -100, "/tmp", 0), EPERM, ENOSYS, 0);
	refused("fsopen", syscall(430, "tmpfs", 0), EPERM, ENOSYS, 0);
	refused("fsconfig", syscall(431, 0, 6, NULL, NULL, 0), EPERM, ENOSYS, 0);
	refused("fsmount", syscall(432, 0, 0, 0), EPERM, ENOSYS, 0);
	refused("fspick", syscall(433, -100, "/tmp", 0), EPERM, ENOSYS, 0);
	refused("mount_setattr", syscall(442, -100, "/", 0, attr, 32), EPERM, ENOSYS, 0);
	refused("statmount", syscall(457, attr, attr, 32, 0), EPERM, ENOSYS, 0);
	refused("listmount", syscall(458, attr, attr, 1, 0), EPERM, ENOSYS, 0);
	refused("open_tree_attr", syscall(467, -100, "/", 1, attr, 32), EPERM, ENOSYS, 0);
	return done();
}

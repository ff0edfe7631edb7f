// SPDX-License-Identifier: Apache-2.0
// attack: the rest of what administers file systems
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/quota.h>

int main(void)
{
	refused("swapon", syscall(SYS_swapon, "/tmp/f", 0), EPERM, ENOSYS, 0);
	refused("swapoff", syscall(SYS_swapoff, "/tmp/f"), EPERM, ENOSYS, 0);
	refused("acct", syscall(SYS_acct, "/tmp/f"), EPERM, ENOSYS, 0);
	refused("quotactl", syscall(SYS_quotactl, Q_SYNC << 8, NULL, 0, NULL), EPERM, ENOSYS, 0);
	refused("fanotify_init", syscall(SYS_fanotify_init, 0, 0), EPERM, ENOSYS, 0);
	refused("inotify_init", syscall(SYS_inotify_init1, 0), ENOSYS, 0, 0);
	refused("lookup_dcookie", syscall(212, 0L, NULL, 0), EPERM, ENOSYS, 0);
	refused("uselib", syscall(134, "/tmp/f"), EPERM, ENOSYS, 0);
	return done();
}

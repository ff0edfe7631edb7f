// SPDX-License-Identifier: Apache-2.0
// attack: remounts the tree writable, mounts something of its own, or leaves its root
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/mount.h>

int main(void)
{
	mkdir("/tmp/m", 0700);
	refused("remount /", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL), EPERM, 0, 0);
	refused("remount /proc", mount(NULL, "/proc", NULL, MS_REMOUNT, NULL), EPERM, 0, 0);
	refused("remount /tmp", mount(NULL, "/tmp", NULL, MS_REMOUNT, "size=100%"), EPERM, 0, 0);
	refused("tmpfs", mount("none", "/tmp/m", "tmpfs", 0, NULL), EPERM, 0, 0);
	refused("proc", mount("proc", "/tmp/m", "proc", 0, NULL), EPERM, 0, 0);
	refused("cgroup", mount("c", "/tmp/m", "cgroup", 0, "memory"), EPERM, 0, 0);
	refused("cgroup2", mount("c", "/tmp/m", "cgroup2", 0, NULL), EPERM, 0, 0);
	refused("sysfs", mount("s", "/tmp/m", "sysfs", 0, NULL), EPERM, 0, 0);
	refused("bind", mount("/", "/tmp/m", NULL, MS_BIND | MS_REC, NULL), EPERM, 0, 0);
	refused("shared", mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL), EPERM, 0, 0);
	refused("umount /proc", umount2("/proc", MNT_DETACH), EPERM, 0, 0);
	refused("umount /tmp", umount2("/tmp", MNT_DETACH), EPERM, 0, 0);
	refused("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp/m"), EPERM, ENOSYS, 0);
	refused("chroot", chroot("/tmp"), EPERM, 0, 0);
	return done();
}

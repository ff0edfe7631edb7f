// SPDX-License-Identifier: Apache-2.0
// attack: loosens its filter with one of its own, or becomes the listener of its own calls
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>

int main(void)
{
	struct sock_filter allow = { 6, 0, 0, SECCOMP_RET_ALLOW },
			   notify = { 6, 0, 0, SECCOMP_RET_USER_NOTIF };
	struct sock_fprog a = { 1, &allow }, n = { 1, &notify };
	long listener;

	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &a);
	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &a);
	refused("mount", mount("none", "/tmp", "tmpfs", 0, NULL), EPERM, 0, 0);
	refused("socket", syscall(SYS_socket, 2, 1, 0), EAFNOSUPPORT, 0, 0);
	refused("clone3", syscall(SYS_clone3, NULL, 0), ENOSYS, 0, 0);
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 8 /* NEW_LISTENER */, &n);
	if (listener >= 0)
		_exit(9);
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: new namespaces, in which it would be root
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sched.h>

int main(void)
{
	static const int flags[] = { CLONE_NEWUSER,   CLONE_NEWNS,  CLONE_NEWNET,
				     CLONE_NEWPID,    CLONE_NEWIPC, CLONE_NEWUTS,
				     CLONE_NEWCGROUP, 0x80,	    CLONE_NEWUSER | CLONE_NEWNS };

	for (unsigned i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		char what[64];
		long r;

		snprintf(what, sizeof(what), "unshare %x", flags[i]);
		refused(what, unshare(flags[i]), EPERM, 0, 0);
		if (flags[i] == 0x80) /* in clone's flags this is a part of the exit signal */
			continue;
		snprintf(what, sizeof(what), "clone %x", flags[i]);
		r = syscall(SYS_clone, (long)flags[i] | SIGCHLD, 0, 0, 0, 0);
		if (r == 0)
			_exit(0);
		refused(what, r, EPERM, 0, 0);
		r = syscall(SYS_clone, (1l << 40) | flags[i] | SIGCHLD, 0, 0, 0, 0);
		if (r == 0)
			_exit(0);
		refused("clone with high bits", r, EPERM, EINVAL, 0);
	}
	return done();
}

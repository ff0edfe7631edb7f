// SPDX-License-Identifier: Apache-2.0
// attack: new namespaces by clone3, whose flags a filter cannot see
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	uint64_t args[11] = { 0x10000000, 0, 0, 0, SIGCHLD };
	long r = syscall(SYS_clone3, args, sizeof(args));

	if (r == 0)
		_exit(0);
	refused("clone3 with a user namespace", r, ENOSYS, 0, 0);
	args[0] = 0;
	r = syscall(SYS_clone3, args, sizeof(args));
	if (r == 0)
		_exit(0);
	refused("clone3", r, ENOSYS, 0, 0);
	refused("clone3 without arguments", syscall(SYS_clone3, NULL, 0), ENOSYS, 0, 0);
	return done();
}

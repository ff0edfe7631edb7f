// SPDX-License-Identifier: Apache-2.0
// attack: io_uring, whose work no filter sees
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	char params[120] = "";

	refused("setup", syscall(SYS_io_uring_setup, 8, params), ENOSYS, 0, 0);
	refused("enter", syscall(SYS_io_uring_enter, 0, 1, 0, 0, NULL, 0), ENOSYS, 0, 0);
	refused("register", syscall(SYS_io_uring_register, 0, 0, NULL, 0), ENOSYS, 0, 0);
	return done();
}

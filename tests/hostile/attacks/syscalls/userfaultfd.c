// SPDX-License-Identifier: Apache-2.0
// attack: stalls the kernel at a page of its choice
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	refused("userfaultfd", syscall(SYS_userfaultfd, 0), EPERM, ENOSYS, 0);
	refused("user mode only", syscall(SYS_userfaultfd, 1), EPERM, ENOSYS, 0);
	return done();
}

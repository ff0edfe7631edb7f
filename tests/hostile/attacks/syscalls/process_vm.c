// SPDX-License-Identifier: Apache-2.0
// attack: reads and writes the memory of init
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/uio.h>

int main(void)
{
	char text[64];
	struct iovec here = { text, sizeof(text) }, there = { (void *)0x400000, sizeof(text) };

	refused("read init", process_vm_readv(1, &here, 1, &there, 1, 0), EPERM, ENOSYS, ESRCH);
	refused("write init", process_vm_writev(1, &here, 1, &there, 1, 0), EPERM, ENOSYS, ESRCH);
	refused("read parent", process_vm_readv(getppid(), &here, 1, &there, 1, 0), EPERM, ENOSYS,
		ESRCH);
	refused("kcmp", syscall(SYS_kcmp, getpid(), 1, 0, 0, 0), EPERM, ENOSYS, ESRCH);
	refused("robust list of init", syscall(SYS_get_robust_list, 1, &text, &text[8]), EPERM,
		ENOSYS, ESRCH);
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: locks memory
// layer: rlimits
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/mman.h>

int main(void)
{
	size_t size = 8 << 20;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	refused("mlock", mlock(p, size), ENOMEM, EPERM, ENOSYS);
	refused("mlock2", syscall(SYS_mlock2, p, size, 1), ENOMEM, EPERM, ENOSYS);
	refused("mlockall", mlockall(MCL_CURRENT | MCL_FUTURE), ENOMEM, EPERM, ENOSYS);
	if (mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) !=
	    MAP_FAILED)
		breach("MAP_LOCKED");
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: another personality: no address randomisation, readable means executable
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/personality.h>

int main(void)
{
	refused("READ_IMPLIES_EXEC", personality(READ_IMPLIES_EXEC), EPERM, ENOSYS, 0);
	refused("MMAP_PAGE_ZERO", personality(MMAP_PAGE_ZERO), EPERM, ENOSYS, 0);
	refused("ADDR_NO_RANDOMIZE", personality(ADDR_NO_RANDOMIZE), EPERM, ENOSYS, 0);
	return done();
}

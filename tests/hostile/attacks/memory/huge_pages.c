// SPDX-License-Identifier: Apache-2.0
// attack: takes the host's reserved huge pages
// layer: cgroup-memory
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/mman.h>

int main(void)
{
	void *p = mmap(NULL, 256 << 20, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p != MAP_FAILED)
		breach("MAP_HUGETLB of 256 MB");
	refused("shmget", syscall(SYS_shmget, 0, 64 << 20, 04000 | 01000 | 0600), 0, 0, 0);
	return done();
}

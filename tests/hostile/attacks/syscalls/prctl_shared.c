// SPDX-License-Identifier: Apache-2.0
// attack: what prctl would share with others: a core with a neighbour's cookie, one page for equal ones
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/mman.h>
#include <sys/prctl.h>

enum { SCHED_CORE = 62, CORE_GET, CORE_CREATE = 1, CORE_SHARE_TO, CORE_SHARE_FROM };
enum { SET_MDWE = 65, GET_MDWE, SET_MEMORY_MERGE, GET_MEMORY_MERGE };

int main(void)
{
	unsigned long cookie = 0;
	size_t size = 1 << 16;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	refused("cookie", prctl(SCHED_CORE, CORE_GET, 0, 0, &cookie), ENOSYS, 0, 0);
	refused("own cookie", prctl(SCHED_CORE, CORE_CREATE, 0, 2, 0), ENOSYS, 0, 0);
	for (int pid = 0; pid < 5; pid++) {
		refused("share to", prctl(SCHED_CORE, CORE_SHARE_TO, pid, 1, 0), ENOSYS, 0, 0);
		refused("share from", prctl(SCHED_CORE, CORE_SHARE_FROM, pid, 0, 0), ENOSYS, 0, 0);
	}
	refused("merge all memory", prctl(SET_MEMORY_MERGE, 1, 0, 0, 0), ENOSYS, 0, 0);
	refused("is it merged", prctl(GET_MEMORY_MERGE, 0, 0, 0, 0), ENOSYS, 0, 0);
	refused("merge a region", madvise(p, size, MADV_MERGEABLE), ENOSYS, EPERM, EINVAL);
	/* What a program denies itself harms nobody, and once denied it stays so where the kernel has it. */
	if (prctl(SET_MDWE, 1, 0, 0, 0) == 0) {
		refused("denied memory given back", prctl(SET_MDWE, 0, 0, 0, 0), EPERM, 0, 0);
		refused("memory to write and run", mprotect(p, size, PROT_READ | PROT_WRITE | PROT_EXEC),
			EACCES, 0, 0);
	}
	return done();
}

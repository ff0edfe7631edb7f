// SPDX-License-Identifier: Apache-2.0
// attack: calls that look at no signal until their end, which may be made as far away as one likes
// layer: seccomp
// verdict: accepted
// prints: contained
// limits: {"wall_ms": 3000}
#include "probe.h"

#include <sys/mman.h>

#define COLLAPSE 25
#define SPAN (64ul << 30)
#define VECTOR (SPAN / 4096)

int main(void)
{
	char *sparse = mmap(NULL, SPAN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned char *vector = mmap(NULL, VECTOR, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *some = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long list[3] = { (unsigned long)list, 0, 0 }, high = 1ul << 32;

	if (sparse == MAP_FAILED || vector == MAP_FAILED || some == MAP_FAILED) {
		odd("mmap", errno);
		return 1;
	}
	refused("mincore", mincore(sparse, SPAN, vector), ENOMEM, 0, 0);
	refused("mincore, a page more than allowed", mincore(sparse, (1ul << 30) + 4096, vector), ENOMEM, 0, 0);
	if (mincore(some, 4096, vector) < 0)
		odd("mincore of a page", errno);
	some[0] = 1;
	refused("collapse", madvise(some, 8 << 20, COLLAPSE), EINVAL, 0, 0);
	refused("collapse, high bits", syscall(SYS_madvise, some, 8 << 20, high | COLLAPSE), EINVAL, 0, 0);
	/* What it lists is read when the thread is dead already. */
	refused("robust list", syscall(SYS_set_robust_list, list, sizeof(list)), ENOSYS, 0, 0);
	return done();
}

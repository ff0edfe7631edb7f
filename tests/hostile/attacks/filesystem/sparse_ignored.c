// SPDX-License-Identifier: Apache-2.0
// attack: the same with the signal ignored, by every call that makes a file larger
// layer: rlimits
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	int fd = open("/tmp/sparse", O_RDWR | O_CREAT, 0600);

	signal(SIGXFSZ, SIG_IGN);
	refused("ftruncate", ftruncate(fd, 1l << 40), EFBIG, 0, 0);
	refused("pwrite", pwrite(fd, "x", 1, 1l << 40), EFBIG, 0, 0);
	refused("fallocate", syscall(SYS_fallocate, fd, 0, 0, 1l << 40), EFBIG, ENOSPC, ENOSYS);
	refused("truncate", truncate("/tmp/sparse", 1l << 40), EFBIG, 0, 0);
	return done();
}

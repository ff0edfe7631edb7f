// SPDX-License-Identifier: Apache-2.0
// attack: pages of other files put into a pipe and written there (Dirty Pipe)
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/uio.h>

int main(void)
{
	int p[2], fd = open("/etc/passwd", O_RDONLY);
	off_t at = 0;
	struct iovec v = { &at, sizeof(at) };

	if (pipe(p) < 0)
		return 1;
	refused("splice", splice(fd, &at, p[1], NULL, 10, 0), ENOSYS, 0, 0);
	refused("tee", tee(p[0], 1, 10, 0), ENOSYS, 0, 0);
	refused("vmsplice", vmsplice(p[1], &v, 1, 0), ENOSYS, 0, 0);
	return done();
}

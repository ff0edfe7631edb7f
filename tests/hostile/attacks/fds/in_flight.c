// SPDX-License-Identifier: Apache-2.0
// attack: keeps more descriptors than allowed, by sending them into sockets
// layer: rlimits
// verdict: accepted|memory_limit
// never: BREACH
// limits: {"open_files": 64}
#include "probe.h"
#include <sys/socket.h>

int main(void)
{
	int total = 0, fd = open("/dev/null", O_RDONLY);

	for (int i = 0; i < 20; i++) {
		int p[2];

		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, p) < 0)
			break;
		while (total < 20000 && send_fds(p[0], fd, 50) == 1)
			total += 50;
	}
	if (total > 500)
		breach("more descriptors in flight than allowed");
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: takes memory inside the kernel, as unread messages of sockets
// layer: cgroup-memory
// verdict: memory_limit|accepted
// limits: {"memory_kb": 32768, "open_files": 4096, "cpu_ms": 900}
#include "probe.h"
#include <sys/socket.h>

int main(void)
{
	static char block[1 << 15];
	long sum = 0;

	for (int i = 0; i < 1000; i++) {
		int p[2];
		ssize_t n;

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, p) < 0)
			break;
		while ((n = send(p[1], block, sizeof(block), MSG_DONTWAIT)) > 0)
			sum += n;
	}
	if (sum > 40l << 20)
		breach("40 MB of socket buffers in 32 MB of memory");
	return done();
}

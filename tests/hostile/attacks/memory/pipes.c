// SPDX-License-Identifier: Apache-2.0
// attack: takes memory inside the kernel, as full pipes
// layer: cgroup-memory
// verdict: memory_limit|accepted|process_limit
// limits: {"memory_kb": 32768, "open_files": 4096, "processes": 16, "cpu_ms": 900}
#include "probe.h"

int main(void)
{
	static char block[1 << 16];
	long sum = 0;

	for (int i = 0; i < 2000; i++) {
		int p[2];
		ssize_t n;

		if (pipe(p) < 0)
			break;
		fcntl(p[1], F_SETFL, O_NONBLOCK);
		while ((n = write(p[1], block, sizeof(block))) > 0)
			sum += n;
	}
	if (sum > 40l << 20)
		breach("40 MB of pipes in 32 MB of memory");
	return done();
}

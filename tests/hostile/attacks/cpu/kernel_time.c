// SPDX-License-Identifier: Apache-2.0
// attack: burns its time inside the kernel
// layer: cpu
// verdict: time_limit
// limits: {"cpu_ms": 500, "wall_ms": 2000}
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	static char block[1 << 20];
	int fd = open("/dev/urandom", O_RDONLY);

	while (read(fd, block, sizeof(block)) >= 0)
		;
}

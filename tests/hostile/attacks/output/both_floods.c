// SPDX-License-Identifier: Apache-2.0
// attack: floods stdout and stderr from two processes
// layer: output
// verdict: output_limit
// limits: {"output_bytes": 65536}
#include <string.h>
#include <unistd.h>

int main(void)
{
	static char block[65536];
	int fd = fork() ? 1 : 2;

	memset(block, 'x', sizeof(block));
	for (;;)
		write(fd, block, sizeof(block));
}

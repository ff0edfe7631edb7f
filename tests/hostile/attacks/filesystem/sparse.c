// SPDX-License-Identifier: Apache-2.0
// attack: a sparse file of one terabyte
// layer: rlimits
// verdict: disk_limit
// never: BREACH
// signal: SIGXFSZ
#include "probe.h"

int main(void)
{
	int fd = open("/tmp/sparse", O_RDWR | O_CREAT, 0600);

	if (fd >= 0 && ftruncate(fd, 1l << 40) == 0)
		breach("a file of one terabyte");
	return 0;
}

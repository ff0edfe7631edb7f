// SPDX-License-Identifier: Apache-2.0
// attack: asks allowed calls for what they must not give: huge pages, merged pages, an emptied cache
// layer: seccomp
// verdict: accepted
// prints: refused
// never: given
// limits: {"cpu_ms": 500, "wall_ms": 1000, "memory_kb": 32768}
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	int fd = open("/usr/bin/env", O_RDONLY), refused = 0;

	refused += syscall(SYS_fadvise64, fd, 0L, 0L, 4L) < 0 && errno == EPERM;
	refused += syscall(SYS_madvise, 0L, 4096L, 12L) < 0 && errno == EPERM;
	refused += syscall(SYS_memfd_create, "x", 4L) < 0 && errno == EPERM;
	refused += syscall(SYS_mmap, 0L, 2L << 20, 3L, 0x40022L, -1L, 0L) < 0 && errno == EPERM;
	refused += syscall(SYS_shmget, 0L, 2L << 20, 04600L) < 0 && errno == EPERM;
	puts(refused == 5 ? "refused" : "given");
	return 0;
}

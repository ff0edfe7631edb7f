/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded ahead of a program: what has reached the disk for certain is written down, as lines "INODE BYTES" in $SYNCED_LOG,
 * each when an fsync() or fdatasync() of a file has come back.  Whoever cuts its files to that has cut the power.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int log_fd = -1;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SYNCED_LOG");

	log_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (log_fd < 0)
		abort(); /* a test without its fault would pass */
}

/* How much there was before: what came meanwhile may not have been taken along. */
static int synced(int fd, long call)
{
	struct stat file = { .st_size = -1 };
	char line[64];
	int r, n;

	fstat(fd, &file);
	r = (int)syscall(call, fd);
	n = snprintf(line, sizeof(line), "%ju %jd\n", (uintmax_t)file.st_ino,
		     (intmax_t)file.st_size);
	if (r == 0 && file.st_size >= 0 && write(log_fd, line, (size_t)n) != n)
		abort();
	return r;
}

int fsync(int fd)
{
	return synced(fd, SYS_fsync);
}

int fdatasync(int fd)
{
	return synced(fd, SYS_fdatasync);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See journal_file.h.  The reserve is a plain file of allocated blocks: when the disk is full it is removed, and what
 * it held is room for the results of jobs that were accepted while there was some.
 */
#include "engine/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define SUFFIX_BYTES 48u
#define NAMES_MAX 100u /* files moved aside within one second */

static int check_length(const char *path)
{
	return strlen(path) + SUFFIX_BYTES < JOURNAL_PATH_MAX ? 0 : -ENAMETOOLONG;
}

static void name_aside(const char *path, unsigned n, char *aside)
{
	time_t now = time(NULL);
	char stamp[20];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	if (n == 0)
		snprintf(aside, JOURNAL_PATH_MAX, "%s.corrupt-%s", path, stamp);
	else
		snprintf(aside, JOURNAL_PATH_MAX, "%s.corrupt-%s-%u", path, stamp, n);
}

/* The log of the last writes goes with it, so that what is there can be read. */
static void move_wal(const char *path, const char *aside)
{
	char from[JOURNAL_PATH_MAX], to[JOURNAL_PATH_MAX + 8];

	snprintf(from, sizeof(from), "%s-wal", path);
	snprintf(to, sizeof(to), "%s-wal", aside);
	if (rename(from, to) < 0)
		unlink(from); /* it must not be taken for the new file's */
	snprintf(from, sizeof(from), "%s-shm", path);
	unlink(from);
}

int journal_file_move_aside(const char *path, char aside[static JOURNAL_PATH_MAX])
{
	int r = check_length(path);

	if (r < 0)
		return r;
	for (unsigned n = 0; n < NAMES_MAX; n++) {
		name_aside(path, n, aside);
		if (renameat2(AT_FDCWD, path, AT_FDCWD, aside, RENAME_NOREPLACE) == 0) {
			move_wal(path, aside);
			return journal_file_sync_dir(path);
		}
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static void name_reserve(const char *path, char *name)
{
	snprintf(name, JOURNAL_PATH_MAX, "%s.reserve", path);
}

int journal_file_reserve(const char *path, uint64_t bytes)
{
	_cleanup_close_ int fd = -1;
	char name[JOURNAL_PATH_MAX];
	int r = check_length(path);

	if (r < 0)
		return r;
	name_reserve(path, name);
	fd = open(name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = -posix_fallocate(fd, 0, (off_t)bytes);
	if (r < 0)
		unlink(name);
	return r;
}

void journal_file_unreserve(const char *path)
{
	char name[JOURNAL_PATH_MAX];

	name_reserve(path, name);
	unlink(name);
}

int journal_file_sync_dir(const char *path)
{
	_cleanup_close_ int fd = -1;
	char dir[JOURNAL_PATH_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 2,
		 slash ? path : "./");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

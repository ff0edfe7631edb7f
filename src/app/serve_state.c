/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See serve_state.h.  The directory belongs to an unprivileged user while root looks into it, so root trusts nothing
 * there: no link is followed, and what changes its owner must be a plain file with one name.
 */
#include "app/serve_state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static const char *const names[] = { SERVE_JOURNAL, SERVE_JOURNAL "-wal", SERVE_JOURNAL "-shm",
				     "lock" };

static int hand_over(int dirfd, const char *name, int flags, unsigned uid, unsigned gid)
{
	_cleanup_close_ int fd =
		openat(dirfd, name, flags | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return -EPERM;
	if (geteuid() == 0 && fchown(fd, uid, gid) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int take_lock(int dirfd, unsigned uid, unsigned gid)
{
	_cleanup_close_ int fd = hand_over(dirfd, "lock", O_CREAT, uid, gid);

	if (fd < 0)
		return fd;
	return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : TAKE_FD(fd);
}

int serve_state_open(const char *dir, unsigned uid, unsigned gid, struct err *err)
{
	_cleanup_close_ int dirfd = -1, lock = -1;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_set(err, errno, "make the state directory %s", dir);
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dirfd < 0)
		return err_set(err, errno, "open the state directory %s", dir);
	lock = take_lock(dirfd, uid, gid);
	if (lock == -EWOULDBLOCK)
		return err_set(err, EBUSY, "another service keeps its jobs in %s", dir);
	if (lock < 0)
		return err_set(err, lock, "lock the state directory %s", dir);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = hand_over(dirfd, names[i], 0, uid, gid);

		if (fd < 0 && fd != -ENOENT)
			return err_set(err, fd, "%s/%s", dir, names[i]);
		if (fd >= 0)
			close(fd);
	}
	if (geteuid() == 0 && (fchown(dirfd, uid, gid) < 0 || fchmod(dirfd, 0700) < 0))
		return err_set(err, errno, "hand over the state directory %s", dir);
	return TAKE_FD(lock);
}

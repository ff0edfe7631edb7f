/* SPDX-License-Identifier: Apache-2.0 */
/* See slot.h. The lock files stay: removing one that another instance is about to lock would race. */
#include "sandbox/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/tree.h"

#define SLOT_DIR "/run/kodewar"

static int make_root_dir(const char *path, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_set(err, errno, "make %s", path);
	if (lstat(path, &st) < 0)
		return err_set(err, errno, "stat %s", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022))
		return err_set(err, EPERM, "%s must be a directory that only root can write", path);
	return 0;
}

int slot_take(struct slot *ret, struct err *err)
{
	char path[64];
	int r;

	if ((r = make_root_dir(SLOT_DIR, err)) < 0 || (r = make_root_dir(TREE_STAGE, err)) < 0)
		return r;
	for (unsigned i = 0; i < SLOT_COUNT; i++) {
		int fd;

		snprintf(path, sizeof(path), SLOT_DIR "/slot-%u.lock", i);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return err_set(err, errno, "open %s", path);
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			ret->lock_fd = fd;
			slot_number(ret, i);
			return 0;
		}
		close(fd);
	}
	return err_set(err, EBUSY, "all %u instance slots of this host are taken", SLOT_COUNT);
}

int slot_none(struct slot *ret, struct err *err)
{
	ret->lock_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	slot_number(ret, 0);
	return ret->lock_fd < 0 ? err_set(err, errno, "open /dev/null") : 0;
}

void slot_number(struct slot *s, unsigned number)
{
	s->number = number;
	snprintf(s->name, sizeof(s->name), "slot-%u", number);
}

void slot_release(struct slot *s)
{
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	s->lock_fd = -1;
}

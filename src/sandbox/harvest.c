/* SPDX-License-Identifier: Apache-2.0 */
/* See harvest.h.  Nobody who could change the file is alive, so that what was checked stays so. */
#include "sandbox/harvest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* What the program did to its file, from why it could not be opened; TAKEN_NOT: the host failed. */
static enum taken fault_of(int error)
{
	switch (error) {
	case ENOENT: return TAKEN_MISSING;
	case ELOOP: /* a link */
	case EXDEV:
	case ENOTDIR:
	case ENXIO: /* a socket */ return TAKEN_NOT_PLAIN;
	case EACCES: return TAKEN_UNREADABLE;
	default: return TAKEN_NOT;
	}
}

int harvest_open(int box_dirfd, const char *path, uint64_t max_bytes, int *ret_fd,
		 enum taken *ret_state, uint64_t *ret_bytes)
{
	struct open_how how = { .flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					   RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV };
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, box_dirfd, path, &how, sizeof(how));
	struct stat st;

	if (fd < 0) {
		*ret_state = fault_of(errno);
		return *ret_state != TAKEN_NOT ? 0 : -errno;
	}
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret_state = !S_ISREG(st.st_mode) || st.st_nlink != 1 ? TAKEN_NOT_PLAIN
		     : (uint64_t)st.st_size > max_bytes	      ? TAKEN_TOO_LARGE
							      : TAKEN_WHOLE;
	if (*ret_state == TAKEN_WHOLE) {
		*ret_fd = TAKE_FD(fd);
		*ret_bytes = (uint64_t)st.st_size;
	}
	return 0;
}

int harvest_next(int box_dirfd, const char *path, uint64_t *left_bytes, struct harvest_head *ret,
		 int *ret_fd)
{
	enum taken state;
	uint64_t bytes = 0;
	int r;

	*ret_fd = -1;
	r = harvest_open(box_dirfd, path, *left_bytes, ret_fd, &state, &bytes);
	if (r < 0)
		return r;
	*left_bytes -= bytes;
	*ret = (struct harvest_head){ .bytes = bytes, .state = state };
	return 0;
}

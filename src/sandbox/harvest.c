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

/* What the program did to its artefact, from why it could not be opened; 0: the host failed. */
static uint8_t artefact_fault(int error)
{
	switch (error) {
	case ENOENT: return 2;
	case ELOOP: /* a link */
	case EXDEV:
	case ENOTDIR:
	case EACCES:
	case ENXIO: /* a socket */ return 3;
	default: return 0;
	}
}

int harvest_open(int box_dirfd, const char *name, uint64_t max_bytes, int *ret_fd,
		 uint8_t *ret_artefact)
{
	struct open_how how = { .flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY,
				.resolve =
					RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV };
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, box_dirfd, name, &how, sizeof(how));
	struct stat st;

	if (fd < 0) {
		*ret_artefact = artefact_fault(errno);
		return *ret_artefact ? 0 : -errno;
	}
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret_artefact = !S_ISREG(st.st_mode) || st.st_nlink != 1 ? 3
			: (uint64_t)st.st_size > max_bytes	 ? 4
								 : 1;
	if (*ret_artefact == 1)
		*ret_fd = TAKE_FD(fd);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// attack: opens the host's files by their inode numbers, as the first escape from Docker did
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	struct file_handle *h = calloc(1, sizeof(*h) + 128);
	int mount_id, fd = open("/", O_RDONLY | O_DIRECTORY);

	h->handle_bytes = 128;
	refused("name_to_handle_at", name_to_handle_at(AT_FDCWD, "/usr", h, &mount_id, 0), EPERM,
		ENOSYS, 0);
	h->handle_bytes = 8;
	h->handle_type = 1;
	h->f_handle[0] = 2; /* the root of an ext file system */
	refused("open_by_handle_at", open_by_handle_at(fd, h, O_RDONLY), EPERM, ENOSYS, 0);
	return done();
}

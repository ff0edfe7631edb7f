/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fd.h.  The frame calls are the only place where descriptors cross a process border: a frame
 * of the wrong size, or one whose descriptors were cut, is refused whole, and what came with it is
 * closed, so that a peer can neither desynchronise us nor make us keep its descriptors.
 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)
#define SEAL_TRIES 3

void fd_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int fd_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t fd_read_full(int fd, void *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)data + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t fd_read_text(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return n;
}

int fd_write_text_at(int dirfd, const char *name, const char *text)
{
	_cleanup_close_ int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
}

ssize_t fd_read_text_at(int dirfd, const char *name, char *text, size_t size)
{
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd_read_text(fd, text, size);
}

int fd_read_u64_at(int dirfd, const char *name, uint64_t *ret)
{
	char text[64];
	char *end;
	ssize_t n = fd_read_text_at(dirfd, name, text, sizeof(text));
	unsigned long long v;

	if (n < 0)
		return (int)n;
	if (strncmp(text, "max", 3) == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	errno = 0;
	v = strtoull(text, &end, 10);
	if (end == text || errno)
		return -EINVAL;
	*ret = v;
	return 0;
}

int fd_seal(int fd)
{
	int r;

	for (int tries = 0; tries < SEAL_TRIES; tries++) {
		r = fcntl(fd, F_ADD_SEALS, SEALS);
		if (r == 0 || errno != EBUSY)
			break;
	}
	return r < 0 ? -errno : 0;
}

int fd_sealed_memfd(const char *name, const void *data, size_t len)
{
	_cleanup_close_ int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, data, len);
	if (r < 0)
		return r;
	r = fd_seal(fd);
	if (r < 0)
		return r;
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : TAKE_FD(fd);
}

int fd_reopen_readonly(int fd)
{
	char path[32];
	int n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = open(path, O_RDONLY | O_CLOEXEC);
	return n < 0 ? -errno : n;
}

int fd_check_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS ? 0 : -EPERM;
}

int fd_open_again(const char *path, int kept)
{
	struct stat now, then;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 || kept < 0)
		return fd < 0 ? -errno : fd;
	/* A file that was replaced has no name any more, or another one stands in its place. */
	if (errno != EACCES || fstat(kept, &then) < 0 || then.st_nlink == 0 ||
	    (stat(path, &now) == 0 && (now.st_ino != then.st_ino || now.st_dev != then.st_dev)))
		return -EACCES;
	fd = fcntl(kept, F_DUPFD_CLOEXEC, 3);
	return fd < 0 || lseek(fd, 0, SEEK_SET) < 0 ? -errno : fd;
}

int fd_set_nonblock(int fd, int on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}

int fd_move_above(int fd, int min)
{
	int n;

	if (fd >= min)
		return fd;
	n = fcntl(fd, F_DUPFD_CLOEXEC, min);
	if (n < 0)
		return -errno;
	close(fd);
	return n;
}

int fd_send_frame(int sock, const void *frame, size_t len, const int *fds, size_t nfds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * FD_PASS_MAX)];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = (void *)frame, .iov_len = len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (nfds > FD_PASS_MAX)
		return -EINVAL;
	if (nfds > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	do
		n = sendmsg(sock, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EPROTO;
}

static size_t take_descriptors(struct msghdr *m, int *fds, size_t room)
{
	size_t got = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (got < room)
				fds[got++] = fd;
			else
				close(fd);
		}
	}
	return got;
}

int fd_recv_frame(int sock, void *frame, size_t len, int *fds, size_t *nfds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * FD_PASS_MAX)];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = frame, .iov_len = len };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	size_t room = nfds ? *nfds : 0, got;
	ssize_t n;

	do
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (nfds)
		*nfds = 0;
	if (n < 0)
		return -errno;
	got = take_descriptors(&m, fds, room);
	if (n == 0 && got == 0)
		return 0;
	if ((size_t)n != len || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		while (got > 0)
			close(fds[--got]);
		return -EPROTO;
	}
	if (nfds)
		*nfds = got;
	return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors: whole reads and writes, sealed memory files, frames with descriptors over
 * SOCK_SEQPACKET.  Everything made here is close-on-exec.  All return 0 (or a count) or a negative
 * errno; none logs.  Free of malloc unless said: also used between clone and exec.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FD_PASS_MAX 16 /* most descriptors in one frame */

/* Closes a descriptor that may be none (-1), and makes it none. */
void fd_drop(int *fd);
int fd_write_all(int fd, const void *data, size_t len);
/* Reads until EOF or `len` bytes; returns the count, or a negative errno. */
ssize_t fd_read_full(int fd, void *data, size_t len);
/* pread of a small pseudo-file into a terminated string; returns its length. */
ssize_t fd_read_text(int fd, char *text, size_t size);
int fd_write_text_at(int dirfd, const char *name, const char *text);
ssize_t fd_read_text_at(int dirfd, const char *name, char *text, size_t size);
/* First unsigned number in a pseudo-file; "max" reads as UINT64_MAX. */
int fd_read_u64_at(int dirfd, const char *name, uint64_t *ret);

/*
 * Seals a memory file against writing, growing and shrinking.  Somebody of the kernel may hold one of its pages for a moment, which
 * the kernel awaits for a sixth of a second: this, three times as long. -EBUSY after that.
 */
int fd_seal(int fd);
/* A new memory file holding data, write-, grow- and shrink-sealed, offset 0. Returns the fd. */
int fd_sealed_memfd(const char *name, const void *data, size_t len);
/* A second, read-only open file description of a memory file. Needs /proc. Returns the fd. */
int fd_reopen_readonly(int fd);
/* 0 when fd is a regular memory file that nobody can change any more, else -EPERM. */
int fd_check_sealed(int fd);

/*
 * A file that was opened with rights that are gone: anew by its path, else once more what `kept` holds, as long as nothing
 * says that another file stands there now. Offset 0. Returns the fd.
 */
int fd_open_again(const char *path, int kept);

int fd_set_nonblock(int fd, int on);
/* Raises fd to at least `min`, close-on-exec, closing the old one. Returns the new fd. */
int fd_move_above(int fd, int min);

/* One frame with nfds <= FD_PASS_MAX descriptors. */
int fd_send_frame(int sock, const void *frame, size_t len, const int *fds, size_t nfds);
/*
 * One frame of exactly `len` bytes. Returns 1, 0 at end of file, -EPROTO on any other size or on
 * truncated descriptors (all received descriptors are closed then), -EAGAIN on a non-blocking socket.
 * *nfds: room in, count out.
 */
int fd_recv_frame(int sock, void *frame, size_t len, int *fds, size_t *nfds);

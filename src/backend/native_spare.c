/* SPDX-License-Identifier: Apache-2.0 */
/* See native_spare.h. */
#include "backend/native_spare.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define PIPES ARRAY_SIZE(((struct native_spare *)0)->pipes)

static int make_ended(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	close(ends[1]);
	fchmod(ends[0], 0444);
	return ends[0];
}

/* The program may open its /dev/stdout again, as it could on any terminal or pipe. */
static int make_pipe(int ret[2])
{
	int r;

	if (pipe2(ret, O_CLOEXEC) < 0) {
		r = -errno;
		ret[0] = ret[1] = -1;
		return r;
	}
	fchmod(ret[1], 0622);
	r = fd_set_nonblock(ret[0], 1);
	if (r < 0) {
		fd_drop(&ret[0]);
		fd_drop(&ret[1]);
	}
	return r;
}

void native_spare_init(struct native_spare *s)
{
	memset(s, -1, sizeof(*s));
}

void native_spare_fill(struct native_spare *s)
{
	if (s->ended < 0)
		s->ended = make_ended();
	for (size_t i = 0; i < PIPES; i++)
		if (s->pipes[i][0] < 0)
			make_pipe(s->pipes[i]);
}

int native_spare_ended(struct native_spare *s)
{
	return s->ended >= 0 ? TAKE_FD(s->ended) : make_ended();
}

int native_spare_pipe(struct native_spare *s, int ret[2])
{
	for (size_t i = 0; i < PIPES; i++)
		if (s->pipes[i][0] >= 0) {
			ret[0] = TAKE_FD(s->pipes[i][0]);
			ret[1] = TAKE_FD(s->pipes[i][1]);
			return 0;
		}
	return make_pipe(ret);
}

void native_spare_close(struct native_spare *s)
{
	fd_drop(&s->ended);
	for (size_t i = 0; i < PIPES; i++) {
		fd_drop(&s->pipes[i][0]);
		fd_drop(&s->pipes[i][1]);
	}
}

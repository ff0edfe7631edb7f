/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See stdin_pump.h.  Either we wait for bytes to read (buffer empty) or for room to write them; the
 * write end is watched all the time, as it tells by EPOLLERR that the program is gone, and then
 * nothing more is taken from our stdin.  Our stdin is not made non-blocking: others share it.
 */
#include "gate/cli/stdin_pump.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

void stdin_pump_done(struct stdin_pump *p)
{
	loop_source_drop(&p->in);
	loop_source_drop(&p->out);
	if (p->to >= 0)
		close(TAKE_FD(p->to));
}

/* Fills the empty buffer; an error of our stdin ends it like its end does. */
static bool fill(struct stdin_pump *p)
{
	ssize_t n;

	do
		n = read(p->from, p->data, sizeof(p->data));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return true;
	p->at = 0;
	p->len = n > 0 ? (size_t)n : 0;
	if (n <= 0)
		stdin_pump_done(p);
	return n > 0;
}

/* What to wait for follows from the buffer alone. */
static void await(struct stdin_pump *p)
{
	bool empty = p->at == p->len;

	if (p->in)
		sd_event_source_set_enabled(p->in, empty ? SD_EVENT_ON : SD_EVENT_OFF);
	sd_event_source_set_io_events(p->out, empty && p->in ? 0 : EPOLLOUT);
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct stdin_pump *p = user;

	if (fill(p))
		await(p);
	return 0;
}

static int on_writable(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct stdin_pump *p = user;
	ssize_t n;

	if (events & EPOLLERR) {
		stdin_pump_done(p);
		return 0;
	}
	if (p->at == p->len && (p->in || !fill(p)))
		return 0;
	n = write(fd, p->data + p->at, p->len - p->at);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		stdin_pump_done(p);
		return 0;
	}
	p->at += n > 0 ? (size_t)n : 0;
	await(p);
	return 0;
}

int stdin_pump_start(struct stdin_pump *p, sd_event *loop, int from)
{
	_cleanup_close_ int theirs = -1;
	int pair[2], r;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	theirs = pair[0];
	p->to = pair[1];
	p->from = from;
	r = fd_set_nonblock(p->to, 1);
	if (r == 0)
		r = sd_event_add_io(loop, &p->out, p->to, EPOLLOUT, on_writable, p);
	if (r >= 0) {
		r = sd_event_add_io(loop, &p->in, from, EPOLLIN, on_readable, p);
		r = r == -EPERM ? 0 : r;
	}
	if (r < 0) {
		stdin_pump_done(p);
		return r;
	}
	await(p);
	return TAKE_FD(theirs);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See outlet.h.  A pipe that epoll calls writable takes PIPE_BUF bytes at once, so pieces of that size
 * do not block.  Plain files and /dev/null are unknown to epoll (EPERM) and are written straight.
 */
#include "gate/cli/outlet.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fd.h"

#define ROOM_FIRST 65536

static void outlet_break(struct outlet *o, int error)
{
	o->error = error;
	o->at = o->len = 0;
	loop_source_drop(&o->source);
}

static int on_writable(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct outlet *o = user;
	size_t len = o->len - o->at;
	ssize_t n = write(fd, o->data + o->at, len < PIPE_BUF ? len : PIPE_BUF);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0) {
		outlet_break(o, -errno);
	} else if ((o->at += (size_t)n) == o->len) {
		o->at = o->len = 0;
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	}
	if (outlet_drained(o))
		o->on_change(o->user);
	return 0;
}

int outlet_init(struct outlet *o, sd_event *loop, int fd, size_t max, void (*on_change)(void *user),
		void *user)
{
	int r;

	*o = (struct outlet){
		.loop = loop, .fd = fd, .max = max, .on_change = on_change, .user = user
	};
	r = sd_event_add_io(loop, &o->source, fd, EPOLLOUT, on_writable, o);
	if (r == -EPERM)
		return 0;
	return r < 0 ? r : sd_event_source_set_enabled(o->source, SD_EVENT_OFF);
}

void outlet_done(struct outlet *o)
{
	loop_source_drop(&o->source);
	free(o->data);
	o->data = NULL;
}

/* Makes room behind len; returns how many bytes may be added. */
static size_t reserve(struct outlet *o, size_t len)
{
	size_t room = o->room ? o->room : ROOM_FIRST;
	char *data;

	if (o->at > 0) {
		memmove(o->data, o->data + o->at, o->len - o->at);
		o->len -= o->at;
		o->at = 0;
	}
	if (len > o->max - o->len)
		len = o->max - o->len;
	while (room < o->len + len)
		room *= 2;
	if (room > o->room) {
		data = realloc(o->data, room);
		if (!data)
			return 0;
		o->data = data;
		o->room = room;
	}
	return len;
}

void outlet_put(struct outlet *o, const char *data, size_t len)
{
	size_t taken;
	int r;

	if (o->error || len == 0)
		return;
	if (!o->source) {
		r = fd_write_all(o->fd, data, len);
		if (r < 0)
			outlet_break(o, r);
		return;
	}
	taken = o->room - o->len >= len ? len : reserve(o, len);
	memcpy(o->data + o->len, data, taken);
	o->len += taken;
	o->dropped_bytes += len - taken;
	r = sd_event_source_set_enabled(o->source, SD_EVENT_ON);
	if (r < 0)
		outlet_break(o, r);
}

bool outlet_drained(const struct outlet *o)
{
	return o->error || o->at == o->len;
}

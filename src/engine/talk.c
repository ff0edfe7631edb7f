/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See talk.h.  Neither side ever holds a descriptor of the other's box: it writes to a pipe that the backend reads, and
 * reads from one that we write.  So nobody can fill, shrink, reopen or lock what the other depends on, a write never fails
 * because the other is gone, and all that is said passes by one place that sees its order.
 *
 * What a pipe has no room for waits here, without a bound of its own: two programs that print much before they read would
 * wait for each other for ever if we did not take it, and each is stopped at its output_bytes.
 */
#include "engine/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

#define BUFFER_BYTES 4096u

static void on_no_memory(void *user)
{
	/* The transcript ends there. */
}

static void way_close(struct talk_way *w)
{
	loop_source_drop(&w->room);
	fd_drop(&w->fd);
	free(w->data);
	w->data = NULL;
	w->at = w->len = w->size = 0;
}

/* How much was written; a reader that is gone takes everything. */
static size_t way_write(struct talk_way *w, const char *data, size_t len)
{
	ssize_t n;

	do
		n = write(w->fd, data, len);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return (size_t)n;
	if (errno == EAGAIN)
		return 0;
	way_close(w);
	return len;
}

static int on_room(sd_event_source *s, int fd, uint32_t events, void *user)
{
	struct talk_way *w = user;

	w->at += way_write(w, w->data + w->at, w->len - w->at);
	if (w->fd < 0 || w->at < w->len)
		return 0;
	w->at = w->len = 0;
	if (w->over)
		way_close(w);
	else
		sd_event_source_set_enabled(w->room, SD_EVENT_OFF);
	return 0;
}

static int way_keep(struct talk_way *w, const char *data, size_t len)
{
	size_t size = w->size ? w->size : BUFFER_BYTES;
	char *n;

	if (w->at > w->len / 2) { /* so that it is moved no more often than it is read */
		memmove(w->data, w->data + w->at, w->len - w->at);
		w->len -= w->at;
		w->at = 0;
	}
	while (size < w->len + len)
		size *= 2;
	if (size > w->size) {
		n = realloc(w->data, size);
		if (!n)
			return -ENOMEM;
		w->data = n;
		w->size = size;
	}
	memcpy(w->data + w->len, data, len);
	w->len += len;
	return sd_event_source_set_enabled(w->room, SD_EVENT_ON) < 0 ? -ENOMEM : 0;
}

static int way_open(struct talk_way *w, sd_event *loop)
{
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	w->theirs = ends[0];
	w->fd = ends[1];
	fchmod(w->theirs, 0444); /* it may open its /dev/stdin again, to read */
	r = fd_set_nonblock(w->fd, 1);
	if (r == 0)
		r = sd_event_add_io(loop, &w->room, w->fd, EPOLLOUT, on_room, w);
	if (r >= 0)
		r = sd_event_source_set_enabled(w->room, SD_EVENT_OFF);
	return r < 0 ? r : 0;
}

int talk_init(struct talk *t, sd_event *loop, size_t transcript_bytes)
{
	int r = 0;

	*t = (struct talk){ .loop = loop,
			    .kept = transcript_bytes > 0,
			    .last = -1,
			    .last_nsec = clock_now_nsec(),
			    .transcript = { .fd = -1,
					    .keep_tail = true,
					    .keep_bytes = transcript_bytes,
					    .kill_bytes = UINT64_MAX,
					    .on_flood = on_no_memory } };
	pump_open(&t->transcript);
	for (size_t i = 0; i < TALK_SIDES; i++)
		t->into[i] = (struct talk_way){ .fd = -1, .theirs = -1 };
	for (size_t i = 0; r == 0 && i < TALK_SIDES; i++)
		r = way_open(&t->into[i], loop);
	if (r < 0)
		talk_done(t);
	return r;
}

void talk_done(struct talk *t)
{
	if (!t->loop)
		return;
	for (size_t i = 0; i < TALK_SIDES; i++) {
		way_close(&t->into[i]);
		fd_drop(&t->into[i].theirs);
	}
	pump_done(&t->transcript);
	t->loop = NULL;
}

int talk_take_stdin(struct talk *t, enum talk_side side)
{
	int fd = t->into[side].theirs;

	t->into[side].theirs = -1;
	return fd;
}

/* A line for each line, and for each change of who writes. */
static void note(struct talk *t, enum talk_side by, const char *data, size_t len)
{
	if (t->in_line && t->last != (int)by) {
		pump_feed(&t->transcript, "\n", 1);
		t->in_line = false;
	}
	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		size_t n = end ? (size_t)(end - data) + 1 : len;

		if (!t->in_line)
			pump_feed(&t->transcript, by == TALK_PROGRAM ? ">" : "<", 1);
		pump_feed(&t->transcript, data, n);
		t->in_line = !end;
		data += n;
		len -= n;
	}
}

int talk_said(struct talk *t, enum talk_side by, const char *data, size_t len)
{
	struct talk_way *w = &t->into[by == TALK_PROGRAM ? TALK_INTERACTOR : TALK_PROGRAM];
	size_t n = 0;

	if (t->kept)
		note(t, by, data, len);
	t->last = (int)by;
	t->last_nsec = clock_now_nsec();
	if (w->fd < 0 || w->over)
		return 0;
	if (w->len == 0)
		n = way_write(w, data, len);
	return n < len ? way_keep(w, data + n, len - n) : 0;
}

void talk_over(struct talk *t, enum talk_side to)
{
	struct talk_way *w = &t->into[to];

	w->over = true;
	if (w->len == 0)
		way_close(w);
}

uint64_t talk_silent_usec(const struct talk *t)
{
	return (clock_now_nsec() - t->last_nsec) / 1000;
}

struct text talk_transcript(struct talk *t)
{
	struct text text = TEXT("");
	bool cut;

	if (t->kept && pump_text(&t->transcript, &text, &cut) < 0)
		text = TEXT("");
	return text;
}

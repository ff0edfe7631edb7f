/* SPDX-License-Identifier: Apache-2.0 */
/* See pump.h. Memory grows with what is written and never beyond what is kept. */
#include "sandbox/pump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES 65536
#define DRAIN_READS 32 /* twice what the largest pipe holds; the loop reads the rest */

static size_t head_limit(const struct pump *p)
{
	return p->keep_tail ? p->keep_bytes - p->keep_bytes / 2 : p->keep_bytes;
}

static int head_grow(struct pump *p, size_t need)
{
	size_t size = p->head_size ? p->head_size : 4096;
	char *n;

	if (need <= p->head_size)
		return 0;
	while (size < need)
		size *= 2;
	n = realloc(p->head, size);
	if (!n)
		return -ENOMEM;
	p->head = n;
	p->head_size = size;
	return 0;
}

static int put_tail(struct pump *p, const char *data, size_t len, uint64_t at)
{
	if (p->tail_size == 0)
		return 0;
	if (!p->tail) {
		p->tail = malloc(p->tail_size);
		if (!p->tail)
			return -ENOMEM;
	}
	for (size_t done = 0; done < len;) {
		size_t to = (size_t)((at + done) % p->tail_size), n = p->tail_size - to;

		if (n > len - done)
			n = len - done;
		memcpy(p->tail + to, data + done, n);
		done += n;
	}
	return 0;
}

static int keep(struct pump *p, const char *data, size_t len)
{
	size_t room = head_limit(p) - p->head_len, n = len < room ? len : room;

	if (n > 0) {
		if (head_grow(p, p->head_len + n) < 0)
			return -ENOMEM;
		memcpy(p->head + p->head_len, data, n);
		p->head_len += n;
		if (p->on_data)
			p->on_data(p->user, data, n);
	}
	/* The ring is addressed by the offset behind the head. */
	return n < len ? put_tail(p, data + n, len - n, p->total_bytes + n - head_limit(p)) : 0;
}

static void stop(struct pump *p)
{
	loop_source_drop(&p->source);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void pump_feed(struct pump *p, const char *data, size_t len)
{
	if (keep(p, data, len) < 0)
		p->kill_bytes = 0; /* out of memory: ends as a flood does */
	p->total_bytes += len;
	if (p->total_bytes > p->kill_bytes && !p->flooded) {
		p->flooded = true;
		p->on_flood(p->user);
	}
}

/* One read. False: there is nothing more to be had now, or ever. */
static bool take(struct pump *p)
{
	static char chunk[CHUNK_BYTES]; /* one loop, one thread */
	ssize_t n = read(p->fd, chunk, sizeof(chunk));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	if (n <= 0) {
		stop(p);
		p->on_eof(p->user);
		return false;
	}
	pump_feed(p, chunk, (size_t)n);
	return true;
}

static int on_readable(sd_event_source *s, int fd, uint32_t revents, void *user)
{
	take(user);
	return 0;
}

void pump_drain(struct pump *p)
{
	for (int reads = 0; p->fd >= 0 && reads < DRAIN_READS; reads++)
		if (!take(p))
			return;
}

void pump_open(struct pump *p)
{
	p->tail_size = p->keep_tail ? p->keep_bytes / 2 : 0;
}

int pump_start(struct pump *p, sd_event *loop, int fd)
{
	int r;

	p->fd = fd;
	pump_open(p);
	r = sd_event_add_io(loop, &p->source, fd, EPOLLIN, on_readable, p);
	if (r < 0)
		pump_done(p);
	return r;
}

void pump_done(struct pump *p)
{
	stop(p);
	free(p->head);
	free(p->tail);
	p->head = p->tail = NULL;
	p->head_len = p->head_size = 0;
}

int pump_text(struct pump *p, struct text *ret, bool *ret_truncated)
{
	uint64_t behind = p->total_bytes - p->head_len, left_out;
	size_t tail = behind < p->tail_size ? (size_t)behind : p->tail_size, start;
	char note[64];
	int n = 0;

	left_out = behind - tail;
	*ret_truncated = left_out > 0;
	if (p->keep_tail && tail > 0) {
		if (left_out)
			n = snprintf(note, sizeof(note), "\n[... %llu bytes left out ...]\n",
				     (unsigned long long)left_out);
		if (head_grow(p, p->head_len + tail + (size_t)n + 1) < 0)
			return -ENOMEM;
		memcpy(p->head + p->head_len, note, (size_t)n);
		start = left_out ? (size_t)(behind % p->tail_size) : 0;
		memcpy(p->head + p->head_len + n, p->tail + start, tail - start);
		memcpy(p->head + p->head_len + n + (tail - start), p->tail, start);
	}
	*ret = (struct text){ p->head ? p->head : "",
			      p->head_len + (size_t)n + (p->keep_tail ? tail : 0) };
	return 0;
}

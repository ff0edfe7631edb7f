/* SPDX-License-Identifier: Apache-2.0 */
/* See http_linger.h.  A ring: who is overwritten is closed. */
#include "gate/http/http_linger.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"

#define LINGER_MAX 64
#define LINGER_USEC (2 * 1000000ull)
#define LINGER_BYTES (16u << 20)

struct lingerer {
	int fd; /* owned, or -1 */
	sd_event_source *source;
	uint64_t until_usec;
	size_t bytes;
};

struct http_linger {
	sd_event *loop; /* borrowed */
	sd_event_source *timer;
	struct lingerer ring[LINGER_MAX];
	size_t next;
};

static void end(struct lingerer *g)
{
	loop_source_drop(&g->source);
	fd_drop(&g->fd);
}

static int on_bytes(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct lingerer *g = user;
	char nowhere[16384];
	ssize_t n = recv(fd, nowhere, sizeof(nowhere), MSG_DONTWAIT);

	if (n > 0)
		g->bytes += (size_t)n;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || g->bytes > LINGER_BYTES)
		end(g);
	return 0;
}

static int on_time(sd_event_source *timer, uint64_t usec, void *user)
{
	struct http_linger *l = user;
	uint64_t now = clock_now_nsec() / 1000;
	bool left = false;

	for (size_t i = 0; i < LINGER_MAX; i++) {
		if (l->ring[i].fd >= 0 && l->ring[i].until_usec <= now)
			end(&l->ring[i]);
		left = left || l->ring[i].fd >= 0;
	}
	if (!left)
		return 0;
	sd_event_source_set_time(timer, now + LINGER_USEC / 4);
	return sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

int http_linger_new(sd_event *loop, struct http_linger **ret)
{
	struct http_linger *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->loop = loop;
	for (size_t i = 0; i < LINGER_MAX; i++)
		l->ring[i].fd = -1;
	r = sd_event_add_time(loop, &l->timer, CLOCK_MONOTONIC, 0, LINGER_USEC / 8, on_time, l);
	if (r >= 0)
		r = sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
	if (r < 0) {
		http_linger_free(l);
		return r;
	}
	*ret = l;
	return 0;
}

void http_linger_free(struct http_linger *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < LINGER_MAX; i++)
		end(&l->ring[i]);
	loop_source_drop(&l->timer);
	free(l);
}

void http_linger_add(struct http_linger *l, int fd)
{
	struct lingerer *g = &l->ring[l->next++ % LINGER_MAX];

	end(g);
	*g = (struct lingerer){ .fd = fd, .until_usec = clock_now_nsec() / 1000 + LINGER_USEC };
	if (sd_event_add_io(l->loop, &g->source, fd, EPOLLIN, on_bytes, g) < 0) {
		end(g);
		return;
	}
	sd_event_source_set_time(l->timer, g->until_usec);
	sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redis_link.h.
 *
 *   DOWN ── timer ──▶ [FINDING ──▶] CONNECTING ── TCP, TLS ──▶ GREETING ── the last greeting answered ──▶ UP
 *     ▲                   │            │                         │                                     │
 *     └───────────────────┴────────────┴────── breaks ───────────┴─────────────────────────────────────┘
 *
 * FINDING only where Sentinels are to be asked (redis_find.h).
 *
 * Redis answers in order, so replies need no names: the calls that wait stand in a list.  For the same reason only the
 * first of them has a deadline that matters, and a reply that does not come breaks the whole link: what came after
 * could belong to anybody.  The pause before another try doubles up to its bound, and between half and all of it is
 * waited at random, lest a whole fleet come back in the same millisecond.
 */
#include "gate/redis/redis_link.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/redis/redis_calls.h"
#include "gate/redis/redis_find.h"
#include "gate/redis/redis_place.h"
#include "gate/redis/redis_wire.h"

#define CONNECT_MS 5000u
#define REPLY_MS 10000u
#define RETRY_MS_MAX 3000u
#define OUT_BYTES_MAX (256ull << 20)
#define READ_BYTES (64u << 10)
#define READS_A_TURN 32 /* the loop has others to serve */

enum state { DOWN, FINDING, CONNECTING, GREETING, UP };

struct redis_link {
	struct redis_link_config config;
	struct redis_url url;
	struct redis_place place;
	struct redis_find find;
	struct redis_wire wire;
	enum state state;
	sd_event_source *io, *timer; /* owned */
	redisReader *reader;	     /* owned */
	struct redis_calls calls;
	unsigned tries;	     /* in a row that failed */
	uint64_t heard_nsec; /* of a listener */
	bool pinged;
	unsigned depth; /* of callbacks that we are in */
	bool dead;	/* freed from within one */
};

static void link_break(struct redis_link *l, const struct err *why);

/* ---- time ---- */

static void arm(struct redis_link *l, uint64_t at_nsec)
{
	sd_event_source_set_time(l->timer, at_nsec / 1000);
	sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

/* A listener is pinged when nothing was heard for one reply_ms, and is broken after two. */
static void arm_deadline(struct redis_link *l)
{
	const struct redis_call *first = STAILQ_FIRST(&l->calls);

	if (first)
		arm(l, first->deadline_nsec);
	else if (l->state == UP && l->config.on_push)
		arm(l, l->heard_nsec + l->config.reply_ms * NSEC_PER_MSEC * (l->pinged ? 2 : 1));
	else
		sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
}

/* ---- calls ---- */

static void told(struct redis_link *l, struct redis_call *c, const redisReply *reply)
{
	if (c->then) {
		l->depth++;
		c->then(c->user, reply);
		l->depth--;
	}
	free(c);
}

static void watch(struct redis_link *l)
{
	sd_event_source_set_io_events(l->io, redis_wire_events(&l->wire, l->state != CONNECTING));
}

/* `n` commands, of which the last is like this. */
static int queue(struct redis_link *l, const char *data, size_t len, unsigned n,
		 const struct redis_call *like)
{
	struct redis_calls calls = STAILQ_HEAD_INITIALIZER(calls);
	struct redis_call one = *like;
	bool awaited = !l->config.on_push || like->greeting;
	int r;

	one.deadline_nsec += clock_now_nsec() + l->config.reply_ms * NSEC_PER_MSEC;
	r = redis_calls_add(&calls, awaited ? n : 0, &one);
	if (r == 0)
		r = redis_wire_put(&l->wire, data, len, l->config.out_bytes_max);
	if (r < 0) {
		redis_calls_drop(&calls);
		return r;
	}
	STAILQ_CONCAT(&l->calls, &calls);
	watch(l);
	arm_deadline(l);
	return 0;
}

int redis_link_batch(struct redis_link *l, struct redis_batch *b, redis_then_t then, void *user)
{
	const struct redis_call like = { .then = then,
					 .user = user,
					 .deadline_nsec = b->block_ms * NSEC_PER_MSEC };
	int r = b->failed ? -ENOMEM : l->state != UP ? -ENOTCONN : 0;

	if (r == 0)
		r = queue(l, b->data, b->len, b->commands, &like);
	free(b->data);
	*b = (struct redis_batch){ .data = NULL };
	return r;
}

void redis_link_forget(struct redis_link *l, const void *user)
{
	redis_calls_forget(&l->calls, user);
}

/* ---- greeting ---- */

static int greet(struct redis_link *l)
{
	const struct redis_call like = { .greeting = true };
	struct redis_batch b;
	int r;

	l->state = GREETING;
	redis_place_greet(&l->place, l->config.name, &b);
	r = b.failed ? -ENOMEM : queue(l, b.data, b.len, b.commands, &like);
	free(b.data);
	return r;
}

static void greeted(struct redis_link *l, const redisReply *reply)
{
	struct err why = ERR_INIT;
	int r = redis_place_hear(&l->place, reply, &why);

	if (r < 0) {
		link_break(l, &why);
		return;
	}
	if (r == 0)
		return;
	l->state = UP;
	l->heard_nsec = clock_now_nsec();
	l->depth++;
	if (l->config.on_up)
		l->config.on_up(l->config.user);
	l->depth--;
}

/* ---- replies ---- */

static void broken(struct redis_link *l, int code, const char *what)
{
	struct err why = ERR_INIT;

	err_set(&why, code, "%s", what);
	link_break(l, &why);
}

static void answered(struct redis_link *l, const redisReply *reply)
{
	struct redis_call *c = STAILQ_FIRST(&l->calls);
	struct err why = ERR_INIT;

	if (!c && l->config.on_push) {
		l->depth++;
		l->config.on_push(l->config.user, reply);
		l->depth--;
		return;
	}
	if (!c) { /* another protocol, or a bug */
		broken(l, EPROTO, "a reply that nobody asked for");
		return;
	}
	if (!c->greeting && redis_place_refused(&l->place, reply, &why) < 0) {
		link_break(l, &why); /* and who waits for this reply is told that none came */
		return;
	}
	STAILQ_REMOVE_HEAD(&l->calls, link);
	if (c->greeting) {
		greeted(l, reply);
		free(c);
		return;
	}
	told(l, c, reply);
}

/* All replies that are whole. 0, or -EPROTO where these are none of Redis'. */
static int parse(struct redis_link *l)
{
	while (!l->dead && l->state >= GREETING) {
		void *reply = NULL;

		if (redisReaderGetReply(l->reader, &reply) != REDIS_OK)
			return -EPROTO;
		if (!reply)
			return 0;
		l->heard_nsec = clock_now_nsec();
		l->pinged = false;
		answered(l, reply);
		freeReplyObject(reply);
	}
	return 0;
}

static void read_all(struct redis_link *l)
{
	static char data[READ_BYTES]; /* one loop, one thread */

	for (int i = 0; i < READS_A_TURN && !l->dead && l->state >= GREETING; i++) {
		ssize_t n = redis_wire_read(&l->wire, data, sizeof(data));

		if (n == -EAGAIN || n == -EINTR)
			return;
		if (n <= 0) {
			broken(l, n ? (int)n : ECONNRESET, "read");
			return;
		}
		if (redisReaderFeed(l->reader, data, (size_t)n) != REDIS_OK || parse(l) < 0) {
			broken(l, EPROTO, l->reader ? l->reader->errstr : "reply");
			return;
		}
	}
}

/* ---- up and down ---- */

static void shake(struct redis_link *l)
{
	struct err why = ERR_INIT;
	int r = redis_wire_shake(&l->wire, &why);

	if (r == 0)
		r = greet(l);
	if (r == -EAGAIN)
		watch(l);
	else if (r < 0)
		link_break(l, &why);
}

static void link_destroy(struct redis_link *l)
{
	loop_source_drop(&l->io);
	loop_source_drop(&l->timer);
	redis_find_done(&l->find);
	redis_wire_done(&l->wire);
	if (l->reader)
		redisReaderFree(l->reader);
	redis_calls_drop(&l->calls);
	free(l);
}

/* Out of callbacks again: what was freed within them goes now. */
static bool gone(struct redis_link *l)
{
	bool dead = --l->depth == 0 && l->dead;

	if (dead)
		link_destroy(l);
	return dead;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct redis_link *l = user;
	int r;

	l->depth++;
	if (l->state == CONNECTING)
		shake(l);
	if (l->state >= GREETING)
		read_all(l);
	if (!l->dead && l->state >= GREETING && (r = redis_wire_flush(&l->wire)) < 0)
		broken(l, r, "write");
	if (gone(l))
		return 0;
	if (l->io) {
		watch(l);
		if (l->state != CONNECTING)
			arm_deadline(l);
	}
	return 0;
}

static void dial(struct redis_link *l)
{
	struct err why = ERR_INIT;
	int r = redis_wire_open(&l->wire, &l->place.at, l->config.ca_file, &why);

	l->state = CONNECTING;
	if (r == 0) {
		r = sd_event_add_io(l->config.loop, &l->io, l->wire.fd, EPOLLOUT, on_io, l);
		l->reader = redisReaderCreate();
		if (r < 0 || !l->reader)
			r = err_set(&why, ENOMEM, "connect");
	}
	if (r < 0)
		link_break(l, &why);
	else
		arm(l, clock_now_nsec() + l->config.connect_ms * NSEC_PER_MSEC);
}

/* The first answer, or another one than that: then where we are is not the place any more. */
static void on_found(void *user, const char *host, size_t len, const char *port)
{
	struct redis_link *l = user;
	bool first = l->state == FINDING;
	int r;

	l->depth++;
	r = redis_place_tell(&l->place, host, len, port);
	if (first && r >= 0)
		dial(l);
	else if (first || (r > 0 && l->state > FINDING))
		broken(l, first ? EPROTO : 0, "the Sentinels name another primary");
	gone(l);
}

static void on_lost(void *user, const struct err *why)
{
	struct redis_link *l = user;

	l->depth++;
	link_break(l, why);
	gone(l);
}

static void start(struct redis_link *l)
{
	struct err why = ERR_INIT;

	if (!redis_place_unknown(&l->place)) {
		dial(l);
		return;
	}
	l->state = FINDING;
	if (redis_find_start(&l->find, &why) < 0)
		link_break(l, &why);
}

static void close_down(struct redis_link *l)
{
	l->state = DOWN;
	loop_source_drop(&l->io);
	redis_wire_close(&l->wire);
	if (l->reader)
		redisReaderFree(l->reader);
	l->reader = NULL;
	l->pinged = false;
}

/* Whether another place, or another address of this one, is to be tried at once. */
static bool move_on(struct redis_link *l, bool connecting)
{
	bool again;

	if (redis_place_steady(&l->place))
		l->tries = 0;
	if (connecting && redis_wire_more(&l->wire))
		return true;
	again = redis_place_next(&l->place);
	if (l->url.kind != REDIS_SERVER || again)
		redis_wire_forget(&l->wire);
	return again;
}

/* Whoever waits is told; another try follows. A connection's end is always told, a try's when no other follows at once. */
static void link_break(struct redis_link *l, const struct err *why)
{
	struct err story = *why;
	char where[REDIS_URL_SHOWN];
	struct redis_calls calls = STAILQ_HEAD_INITIALIZER(calls);
	bool connecting = l->state == CONNECTING, quiet, again;

	if (l->state != FINDING)
		err_wrap(&story, "%s", redis_url_show(&l->place.at, where));
	quiet = l->state != UP;
	close_down(l);
	again = move_on(l, connecting);
	quiet = quiet && again;
	STAILQ_CONCAT(&calls, &l->calls);
	l->depth++;
	for (struct redis_call *c; (c = STAILQ_FIRST(&calls));) {
		STAILQ_REMOVE_HEAD(&calls, link);
		if (l->dead)
			c->then = NULL;
		told(l, c, NULL);
	}
	if (!quiet)
		l->tries++;
	if (!l->dead && !quiet && l->config.on_down)
		l->config.on_down(l->config.user, &story, l->tries);
	l->depth--;
	if (!l->dead)
		arm(l,
		    clock_now_nsec() +
			    (again ? 0 : redis_wire_pause_nsec(l->tries, l->config.retry_ms_max)));
}

static int on_timer(sd_event_source *source, uint64_t usec, void *user)
{
	struct redis_link *l = user;

	l->depth++;
	if (l->state == DOWN) {
		start(l);
	} else if (l->state == UP && l->config.on_push && !l->pinged) {
		const struct redis_call like = { .then = NULL };

		l->pinged = true;
		if (queue(l, "*1\r\n$4\r\nPING\r\n", 14, 1, &like) < 0)
			broken(l, ENOMEM, "ping");
	} else {
		broken(l, ETIMEDOUT,
		       l->state == CONNECTING ? redis_wire_stage(&l->wire) : "no reply");
	}
	gone(l);
	return 0;
}

int redis_link_new(const struct redis_link_config *c, struct redis_link **ret, struct err *err)
{
	struct redis_link *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return err_set(err, ENOMEM, "make a Redis link");
	l->config = *c;
	l->url = *c->url;
	redis_place_init(&l->place, &l->url, c->key);
	redis_find_init(&l->find, &(struct redis_find_config){ .loop = c->loop,
							       .url = &l->url,
							       .ca_file = c->ca_file,
							       .found = on_found,
							       .failed = on_lost,
							       .user = l });
	l->wire = (struct redis_wire)REDIS_WIRE_INIT;
	l->config.connect_ms = c->connect_ms ? c->connect_ms : CONNECT_MS;
	l->config.reply_ms = c->reply_ms ? c->reply_ms : REPLY_MS;
	l->config.retry_ms_max = c->retry_ms_max ? c->retry_ms_max : RETRY_MS_MAX;
	l->config.out_bytes_max = c->out_bytes_max ? c->out_bytes_max : OUT_BYTES_MAX;
	STAILQ_INIT(&l->calls);
	r = sd_event_add_time(c->loop, &l->timer, CLOCK_MONOTONIC, 0, 0, on_timer, l);
	if (r < 0) {
		link_destroy(l);
		return err_set(err, r, "make a Redis link");
	}
	*ret = l;
	return 0;
}

void redis_link_free(struct redis_link *l)
{
	if (!l)
		return;
	l->dead = true;
	if (l->depth == 0) {
		link_destroy(l);
		return;
	}
	sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
}

bool redis_link_up(const struct redis_link *l)
{
	return l && l->state == UP;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redis_link.h.
 *
 *   DOWN ── timer ──▶ CONNECTING ── TCP, TLS ──▶ GREETING ── the last greeting answered ──▶ UP
 *     ▲                   │                         │                                     │
 *     └───────────────────┴────── breaks ───────────┴─────────────────────────────────────┘
 *
 * Redis answers in order, so replies need no names: the calls that wait stand in a list.  For the same reason only the
 * first of them has a deadline that matters, and a reply that does not come breaks the whole link: what came after
 * could belong to anybody.  The pause before another try doubles up to its bound, and between half and all of it is
 * waited at random, lest a whole fleet come back in the same millisecond.
 */
#include "gate/redis_link.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/redis_wire.h"

#define CONNECT_MS 5000u
#define REPLY_MS 10000u
#define RETRY_MS_MAX 3000u
#define OUT_BYTES_MAX (256ull << 20)
#define READ_BYTES (64u << 10)
#define READS_A_TURN 32 /* the loop has others to serve */

enum state { DOWN, CONNECTING, GREETING, UP };

struct call {
	STAILQ_ENTRY(call) link;
	redis_then_t then; /* NULL: nobody wants to know */
	void *user;
	uint64_t deadline_nsec;
	bool greeting, must; /* must: an error breaks the link */
};

STAILQ_HEAD(calls, call);

struct redis_link {
	struct redis_link_config config;
	struct redis_url url;
	struct redis_wire wire;
	enum state state;
	sd_event_source *io, *timer; /* owned */
	redisReader *reader;	     /* owned */
	struct calls calls;
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
	const struct call *first = STAILQ_FIRST(&l->calls);

	if (first)
		arm(l, first->deadline_nsec);
	else if (l->state == UP && l->config.on_push)
		arm(l, l->heard_nsec + l->config.reply_ms * NSEC_PER_MSEC * (l->pinged ? 2 : 1));
	else
		sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
}

/* ---- calls ---- */

static void told(struct redis_link *l, struct call *c, const redisReply *reply)
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

static void drop(struct calls *calls)
{
	for (struct call *c; (c = STAILQ_FIRST(calls));) {
		STAILQ_REMOVE_HEAD(calls, link);
		free(c);
	}
}

/* `n` commands, of which the last is like this. */
static int queue(struct redis_link *l, const char *data, size_t len, unsigned n,
		 const struct call *like)
{
	struct calls calls = STAILQ_HEAD_INITIALIZER(calls);
	bool awaited = !l->config.on_push || like->greeting;
	int r = 0;

	for (unsigned i = 0; awaited && i < n; i++) {
		struct call *c = calloc(1, sizeof(*c));

		if (!c) {
			r = -ENOMEM;
			break;
		}
		if (i + 1 == n)
			*c = *like;
		c->deadline_nsec =
			like->deadline_nsec + clock_now_nsec() + l->config.reply_ms * NSEC_PER_MSEC;
		STAILQ_INSERT_TAIL(&calls, c, link);
	}
	if (r == 0)
		r = redis_wire_put(&l->wire, data, len, l->config.out_bytes_max);
	if (r < 0) {
		drop(&calls);
		return r;
	}
	STAILQ_CONCAT(&l->calls, &calls);
	watch(l);
	arm_deadline(l);
	return 0;
}

static int ask(struct redis_link *l, const struct call *like, const char *format, va_list ap)
{
	char *data = NULL;
	int len = redisvFormatCommand(&data, format, ap), r;

	if (len < 0)
		return len == -1 ? -ENOMEM : -EINVAL;
	r = queue(l, data, (size_t)len, 1, like);
	redisFreeCommand(data);
	return r;
}

int redis_link_batch(struct redis_link *l, struct redis_batch *b, redis_then_t then, void *user)
{
	const struct call like = { .then = then,
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
	struct call *c;

	for (c = STAILQ_FIRST(&l->calls); c; c = STAILQ_NEXT(c, link))
		if (c->user == user)
			c->then = NULL;
}

/* ---- greeting ---- */

static int greet_with(struct redis_link *l, bool must, const char *format, ...)
{
	const struct call like = { .greeting = true, .must = must };
	va_list ap;
	int r;

	va_start(ap, format);
	r = ask(l, &like, format, ap);
	va_end(ap);
	return r;
}

/* The last one is always there: its answer ends the greeting, and says whether we may be here. */
static int greet(struct redis_link *l)
{
	const struct redis_url *u = &l->url;
	int r = 0;

	l->state = GREETING;
	if (*u->user)
		r = greet_with(l, true, "AUTH %s %s", u->user, u->password);
	else if (*u->password)
		r = greet_with(l, true, "AUTH %s", u->password);
	if (r == 0 && l->config.name)
		r = greet_with(l, false, "CLIENT SETNAME %s", l->config.name);
	return r < 0 ? r : greet_with(l, true, "SELECT %u", u->db);
}

static void greeted(struct redis_link *l, const struct call *c, const redisReply *reply)
{
	struct err why = ERR_INIT;

	if (c->must && reply->type == REDIS_REPLY_ERROR) {
		err_set(&why, 0, "refused: %s", reply->str);
		link_break(l, &why);
		return;
	}
	if (!STAILQ_EMPTY(&l->calls))
		return;
	l->state = UP;
	l->tries = 0;
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
	struct call *c = STAILQ_FIRST(&l->calls);

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
	STAILQ_REMOVE_HEAD(&l->calls, link);
	if (c->greeting) {
		greeted(l, c, reply);
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
	redis_wire_done(&l->wire);
	if (l->reader)
		redisReaderFree(l->reader);
	drop(&l->calls);
	free(l);
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
	l->depth--;
	if (l->dead) {
		link_destroy(l);
		return 0;
	}
	if (l->io) {
		watch(l);
		if (l->state != CONNECTING)
			arm_deadline(l);
	}
	return 0;
}

static void start(struct redis_link *l)
{
	struct err why = ERR_INIT;
	int r = redis_wire_open(&l->wire, &l->url, l->config.ca_file, &why);

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
		arm(l, clock_now_nsec() + CONNECT_MS * NSEC_PER_MSEC);
}

/* Whoever waits is told; another try follows, at once where the name has another address. */
static void link_break(struct redis_link *l, const struct err *why)
{
	struct err story = *why;
	char where[REDIS_URL_SHOWN];
	struct calls calls = STAILQ_HEAD_INITIALIZER(calls);
	bool again = l->state == CONNECTING && redis_wire_more(&l->wire);

	l->state = DOWN;
	loop_source_drop(&l->io);
	redis_wire_close(&l->wire);
	if (l->reader)
		redisReaderFree(l->reader);
	l->reader = NULL;
	l->pinged = false;
	STAILQ_CONCAT(&calls, &l->calls);
	err_wrap(&story, "%s", redis_url_show(&l->url, where));
	l->depth++;
	for (struct call *c; (c = STAILQ_FIRST(&calls));) {
		STAILQ_REMOVE_HEAD(&calls, link);
		if (l->dead)
			c->then = NULL;
		told(l, c, NULL);
	}
	if (!again)
		l->tries++;
	if (!l->dead && !again && l->config.on_down)
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
		const struct call like = { .then = NULL };

		l->pinged = true;
		if (queue(l, "*1\r\n$4\r\nPING\r\n", 14, 1, &like) < 0)
			broken(l, ENOMEM, "ping");
	} else {
		broken(l, ETIMEDOUT,
		       l->state == CONNECTING ? redis_wire_stage(&l->wire) : "no reply");
	}
	l->depth--;
	if (l->dead)
		link_destroy(l);
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
	l->wire = (struct redis_wire)REDIS_WIRE_INIT;
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

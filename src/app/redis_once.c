/* SPDX-License-Identifier: Apache-2.0 */
/* See redis_once.h: the link of the worker, with the loop turned for as long as an answer is awaited. */
#include "app/redis_once.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "gate/redis/redis_queue.h"

#define PAUSE_NSEC (100 * NSEC_PER_MSEC)

static bool patient(const struct redis_once *o)
{
	return clock_now_nsec() < o->patience_nsec;
}

static void on_up(void *user)
{
	struct redis_once *o = user;

	o->up = true;
}

static void on_down(void *user, const struct err *why, unsigned tries)
{
	struct redis_once *o = user;

	o->up = false;
	err_set(o->err, 0, "%s", why->text);
	if (!patient(o))
		o->result = -EHOSTUNREACH;
}

/* What a server says that will have an answer in a moment: it starts, or a slot or a primary moves. */
static bool passes(const redisReply *reply)
{
	static const char *const codes[] = { "ASK",	"TRYAGAIN",  "CLUSTERDOWN",
					     "LOADING", "UNBLOCKED", "NOREPLICAS" };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (redis_is_error(reply, codes[i]))
			return true;
	return false;
}

static void on_answer(void *user, const redisReply *reply)
{
	struct redis_once *o = user;

	long slot;

	o->waiting = false;
	if (!reply) {
		o->again = true; /* or on_down() tells */
	} else if (!o->aside && redis_redirect(reply, "ASK", &slot, &o->asked)) {
		o->again = true;
	} else if (reply->type != REDIS_REPLY_ERROR) {
		if (o->answer)
			o->answer(o->user, reply);
	} else {
		err_set(o->err, 0, "Redis: %s", reply->str);
		o->again = passes(reply) && patient(o);
		o->pause_nsec = clock_now_nsec() + PAUSE_NSEC;
		if (!o->again)
			o->result = -EIO;
	}
}

int redis_once_open(struct redis_once *o, const struct redis_url *url, const char *ca_file,
		    const char *queue, struct err *err)
{
	const struct queue_key key = queue_jobs(queue, 1);
	const struct redis_link_config c = { .url = url,
					     .key = key.text,
					     .ca_file = ca_file,
					     .name = "kodewar-command",
					     .on_up = on_up,
					     .on_down = on_down,
					     .user = o };
	struct redis_link_config with_loop = c;
	int r;

	*o = (struct redis_once){ .err = err, .url = *url, .ca_file = ca_file };
	r = sd_event_new(&o->loop);
	if (r < 0)
		return err_set(err, r, "make the loop");
	with_loop.loop = o->loop;
	r = redis_link_new(&with_loop, &o->link, err);
	while (r >= 0 && !o->up && o->result == 0)
		r = sd_event_run(o->loop, UINT64_MAX);
	if (r < 0)
		return err_set(err, r, "connect to Redis");
	return o->result;
}

void redis_once_done(struct redis_once *o)
{
	redis_link_free(o->link);
	if (o->loop)
		sd_event_unref(o->loop);
	*o = (struct redis_once){ .up = false };
}

/* One turn of the loop, which ends at `until` at the latest. */
static int turn(struct redis_once *o, uint64_t until_nsec)
{
	uint64_t now = clock_now_nsec();

	return sd_event_run(o->loop, until_nsec > now ? (until_nsec - now) / 1000 + 1 : 0);
}

/* Until there is someone to ask, and it is time to. */
static int await_up(struct redis_once *o)
{
	int r = 0;

	while (r >= 0 && o->result == 0 && clock_now_nsec() < o->pause_nsec)
		r = turn(o, o->pause_nsec);
	while (r >= 0 && o->result == 0 && !o->up) {
		if (!patient(o))
			o->result = -EHOSTUNREACH; /* on_down() told why */
		else
			r = turn(o, o->patience_nsec);
	}
	return r < 0 ? err_set(o->err, r, "ask Redis") : o->result;
}

static int await(struct redis_once *o, int r)
{
	if (r < 0)
		return err_set(o->err, r, "ask Redis");
	o->waiting = true;
	while (r >= 0 && o->waiting && o->result == 0)
		r = sd_event_run(o->loop, UINT64_MAX);
	return r < 0 ? err_set(o->err, r, "ask Redis") : o->result;
}

int redis_once_ask(struct redis_once *o, void (*answer)(void *user, const redisReply *reply),
		   void *user, const char *format, ...)
{
	struct redis_batch b = { .data = NULL };
	va_list ap;

	va_start(ap, format);
	redis_batch_vadd(&b, format, ap);
	va_end(ap);
	return redis_once_batch(o, &b, answer, user);
}

/* ---- a slot that moves ---- */

static void on_aside_up(void *user)
{
	struct redis_once *o = user;

	o->aside_up = true;
}

/* The first one is asked again, where there is patience. */
static void on_aside_down(void *user, const struct err *why, unsigned tries)
{
	struct redis_once *o = user;

	err_set(o->err, 0, "%s", why->text);
	o->waiting = false;
	o->pause_nsec = clock_now_nsec() + PAUSE_NSEC;
	o->again = patient(o);
	if (!o->again)
		o->result = -EHOSTUNREACH;
}

static int open_aside(struct redis_once *o)
{
	struct redis_url url = o->url;
	const struct redis_link_config c = { .loop = o->loop,
					     .url = &url,
					     .ca_file = o->ca_file,
					     .name = "kodewar-command",
					     .on_up = on_aside_up,
					     .on_down = on_aside_down,
					     .user = o };
	int r;

	url.kind = REDIS_SERVER;
	if (*o->asked.host)
		memcpy(url.host, o->asked.host, sizeof(url.host));
	memcpy(url.port, o->asked.port, sizeof(url.port));
	o->asked.port[0] = '\0';
	o->aside_up = o->again = false;
	r = redis_link_new(&c, &o->aside, o->err);
	while (r >= 0 && !o->aside_up && !o->again && o->result == 0)
		r = sd_event_run(o->loop, UINT64_MAX);
	return r < 0 ? err_set(o->err, r, "ask Redis") : o->result;
}

/* For this one question the node that the slot moves to counts as its owner. */
static int ask_aside(struct redis_once *o, const struct redis_batch *b)
{
	static const char asking[] = "*1\r\n$6\r\nASKING\r\n";
	const size_t len = sizeof(asking) - 1;
	struct redis_batch copy = { .len = len + b->len, .commands = b->commands + 1 };
	int r = open_aside(o);

	if (r == 0 && !o->again) {
		copy.data = malloc(copy.len);
		copy.failed = !copy.data;
		if (copy.data) {
			memcpy(copy.data, asking, len);
			memcpy(copy.data + len, b->data, b->len);
		}
		r = await(o, redis_link_batch(o->aside, &copy, on_answer, o));
	}
	redis_link_free(o->aside);
	o->aside = NULL;
	return r;
}

/* Sending empties a batch, and it may have to be sent again. */
static struct redis_batch copy_of(const struct redis_batch *b)
{
	struct redis_batch copy = *b;

	copy.data = malloc(b->len ? b->len : 1);
	copy.failed = b->failed || !copy.data;
	if (!copy.failed)
		memcpy(copy.data, b->data, b->len);
	return copy;
}

int redis_once_batch(struct redis_once *o, struct redis_batch *b,
		     void (*answer)(void *user, const redisReply *reply), void *user)
{
	int r;

	o->answer = answer;
	o->user = user;
	do {
		struct redis_batch copy;

		o->again = false;
		r = await_up(o);
		if (r < 0)
			break;
		copy = copy_of(b);
		r = await(o, redis_link_batch(o->link, &copy, on_answer, o));
		if (r == 0 && *o->asked.port)
			r = ask_aside(o, b);
	} while (r == 0 && o->again);
	free(b->data);
	*b = (struct redis_batch){ .data = NULL };
	return r;
}

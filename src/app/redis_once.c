/* SPDX-License-Identifier: Apache-2.0 */
/* See redis_once.h: the link of the worker, with the loop turned for as long as an answer is awaited. */
#include "app/redis_once.h"

#include <errno.h>
#include <stdarg.h>

static void on_up(void *user)
{
	struct redis_once *o = user;

	o->up = true;
}

static void on_down(void *user, const struct err *why, unsigned tries)
{
	struct redis_once *o = user;

	o->result = -EHOSTUNREACH;
	err_set(o->err, 0, "%s", why->text);
}

static void on_answer(void *user, const redisReply *reply)
{
	struct redis_once *o = user;

	o->waiting = false;
	if (!reply)
		return; /* on_down() tells */
	if (reply->type == REDIS_REPLY_ERROR) {
		err_set(o->err, 0, "Redis: %s", reply->str);
		o->result = -EIO;
	} else if (o->answer) {
		o->answer(o->user, reply);
	}
}

int redis_once_open(struct redis_once *o, const struct redis_url *url, const char *ca_file,
		    struct err *err)
{
	const struct redis_link_config c = { .url = url,
					     .ca_file = ca_file,
					     .name = "kodewar-command",
					     .on_up = on_up,
					     .on_down = on_down,
					     .user = o };
	struct redis_link_config with_loop = c;
	int r;

	*o = (struct redis_once){ .err = err };
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

int redis_once_batch(struct redis_once *o, struct redis_batch *b,
		     void (*answer)(void *user, const redisReply *reply), void *user)
{
	o->answer = answer;
	o->user = user;
	return await(o, redis_link_batch(o->link, b, on_answer, o));
}

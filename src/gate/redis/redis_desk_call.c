/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to the queue.  It goes in steps: each sends some commands, and the next begins when all of them are
 * answered.  An answer that does not come, since the link broke, ends it as DESK_AWAY: nobody knows then whether a job
 * was made, which is what an Idempotency-Key is for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/redis/redis_desk_parts.h"

struct redis_call *redis_call_new(struct redis_desk *d, const char *tenant, desk_then *then,
				  void *user)
{
	struct redis_call *c = calloc(1, sizeof(*c));

	if (!c || strlen(tenant) >= sizeof(c->tenant)) {
		free(c);
		return NULL;
	}
	c->desk = d;
	c->then = then;
	c->user = user;
	strcpy(c->tenant, tenant);
	TAILQ_INSERT_TAIL(&d->calls, c, link);
	return c;
}

void redis_call_free(struct redis_call *c)
{
	struct redis_desk *d = c->desk;

	TAILQ_REMOVE(&d->calls, c, link);
	if (d->commands && c->replies)
		redis_link_forget(d->commands, c);
	redis_job_put(c->job);
	loop_source_drop(&c->timer);
	free(c->order.payload);
	free(c);
	redis_desk_wake(d);
}

/* ---- steps ---- */

void redis_call_asked(struct redis_call *c, int r)
{
	if (r == 0)
		c->replies++;
	else
		c->broken = true;
}

void redis_call_settled(struct redis_call *c, bool ok)
{
	c->broken = c->broken || !ok;
	if (--c->replies > 0)
		return;
	if (c->broken)
		redis_call_away(c);
	else
		c->next(c);
}

void redis_call_answer(struct redis_call *c, enum desk_answer_kind kind)
{
	c->answer.kind = kind;
	c->ready = true;
	redis_desk_wake(c->desk);
}

void redis_call_away(struct redis_call *c)
{
	if (!c->answer.err.code)
		err_set(&c->answer.err, ENOTCONN, "ask the queue in Redis");
	redis_call_answer(c, DESK_AWAY);
}

/* Callbacks may ask again, and forget: look anew after each. */
void redis_call_tell(struct redis_desk *d)
{
	struct redis_call *c;
	bool told;

	do {
		told = false;
		for (c = TAILQ_FIRST(&d->calls); c && !told; c = TAILQ_NEXT(c, link)) {
			if (!c->ready)
				continue;
			c->ready = false;
			c->answer.job = c->job ? &c->job->base : NULL;
			if (!c->dead)
				c->then(c->user, &c->answer);
			redis_call_free(c);
			told = true;
			break;
		}
	} while (told);
}

/* What it asked for may have been given already, or is about to be. */
void redis_call_forget(struct desk *desk, void *user)
{
	struct redis_call *c;

	for (c = TAILQ_FIRST(&redis_desk(desk)->calls); c; c = TAILQ_NEXT(c, link)) {
		if (c->user != user || c->dead)
			continue;
		c->dead = true;
		if (c->ready && c->answer.kind <= DESK_KNOWN && !c->order.durable && c->job->sync &&
		    c->job->state != DESK_OVER)
			redis_job_leave(c->job);
	}
}

/* ---- one job ---- */

/* [tenant, kind, state, watchers, events] */
static void on_hash(void *user, const redisReply *r)
{
	struct redis_call *c = user;
	struct redis_job *j = c->job;
	bool ok = redis_ok(r) && r->type == REDIS_REPLY_ARRAY && r->elements == 5;

	c->found = ok && redis_is(r->element[0], c->tenant);
	if (c->found) {
		j->sync = redis_is(r->element[1], "sync");
		j->events = !redis_is(r->element[4], "0");
		c->watchers = r->element[3]->str ? atoll(r->element[3]->str) : 0;
		if (j->state == DESK_WAITING && redis_is(r->element[2], "running"))
			j->state = DESK_RUNNING;
	}
	redis_call_settled(c, ok);
}

static void on_result(void *user, const redisReply *r)
{
	struct redis_call *c = user;
	bool ok = redis_ok(r);

	if (ok && r->type == REDIS_REPLY_STRING)
		ok = redis_job_take_result(c->job, r) == 0;
	redis_call_settled(c, ok);
}

void redis_call_look(struct redis_call *c, void (*next)(struct redis_call *c))
{
	struct redis_desk *d = c->desk;

	c->next = next;
	c->broken = false;
	redis_call_asked(c, redis_link_ask(d->commands, on_hash, c,
					   "HMGET %s tenant kind state watchers events",
					   queue_key(d->config.queue, "job", c->job->id).text));
	redis_call_asked(c, redis_link_ask(d->commands, on_result, c, "GET %s",
					   queue_key(d->config.queue, "result", c->job->id).text));
	if (c->replies == 0)
		redis_call_away(c);
}

static void looked(struct redis_call *c)
{
	struct redis_job *j = c->job;

	if (c->found && !j->result && j->hint) {
		j->hint = false; /* it ended while we were asking */
		redis_call_look(c, looked);
		return;
	}
	redis_call_answer(c, c->found ? DESK_KNOWN : DESK_NONE);
	if (!c->found) {
		redis_job_put(c->job);
		c->job = NULL;
	}
}

int redis_call_lookup(struct desk *desk, const char *tenant, const char *id, desk_then *then,
		      void *user)
{
	struct redis_desk *d = redis_desk(desk);
	struct redis_call *c = redis_call_new(d, tenant, then, user);

	if (!c)
		return -ENOMEM;
	c->order.durable = true; /* who looks owns nothing */
	if (!queue_id_ok(id, strlen(id))) {
		redis_call_answer(c, DESK_NONE);
		return 0;
	}
	c->job = redis_job_get(d, id);
	if (!c->job) {
		redis_call_free(c);
		return -ENOMEM;
	}
	redis_call_look(c, looked);
	return 0;
}

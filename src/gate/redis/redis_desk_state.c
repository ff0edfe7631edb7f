/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the queue is, looked at twice a second: for /readyz, for metrics, and for how long who is refused should wait.
 * What waits is what is in a stream and in nobody's hands; workers are those whose beat has not run out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "gate/redis/redis_desk_parts.h"

#define RETRY_AFTER_MAX_SEC 300
#define RETRY_AFTER_SEC 5 /* where nothing ends, nobody knows */

static long long number(const redisReply *r)
{
	return r && r->type == REDIS_REPLY_INTEGER ? r->integer
	       : r && r->str			   ? strtoll(r->str, NULL, 10)
						   : 0;
}

/* ---- asking ---- */

static void commit(struct redis_desk *d)
{
	d->next.known = true;
	d->state = d->next;
	d->polling = false;
}

/* The group is there when a worker was. */
#define ON_STREAM(n) \
	static void on_left_##n(void *user, const redisReply *r) \
	{ \
		((struct redis_desk *)user)->next.left[n] = number(r); \
	} \
	static void on_pending_##n(void *user, const redisReply *r) \
	{ \
		bool ok = redis_ok(r) && r->type == REDIS_REPLY_ARRAY && r->elements > 0; \
\
		((struct redis_desk *)user)->next.pending[n] = ok ? number(r->element[0]) : 0; \
	}
ON_STREAM(0)
ON_STREAM(1)
ON_STREAM(2)

static const redis_then_t on_left[QUEUE_PRIORITIES] = { on_left_0, on_left_1, on_left_2 };
static const redis_then_t on_pending[QUEUE_PRIORITIES] = { on_pending_0, on_pending_1,
							   on_pending_2 };

static void on_letters(void *user, const redisReply *r)
{
	((struct redis_desk *)user)->next.letters = number(r);
}

static void on_stats(void *user, const redisReply *r)
{
	struct redis_state *s = &((struct redis_desk *)user)->next;

#define TAKE(name) s->name = number(redis_field(r, #name));
	DESK_COUNTERS(TAKE)
#undef TAKE
}

/* [lanes, draining]; all of them nil where its beat has run out. */
static void on_member(void *user, const redisReply *r)
{
	struct redis_desk *d = user;
	bool lives = redis_ok(r) && r->type == REDIS_REPLY_ARRAY && r->elements == 2 &&
		     number(r->element[0]) > 0 && number(r->element[1]) == 0;

	if (lives) {
		d->next.workers++;
		d->next.lanes += number(r->element[0]);
	}
	if (--d->asked_members == 0)
		commit(d);
}

static void on_members(void *user, const redisReply *r)
{
	struct redis_desk *d = user;
	bool ok = redis_ok(r) && r->type == REDIS_REPLY_ARRAY;

	d->asked_members = 0;
	for (size_t i = 0; ok && i < r->elements; i++) {
		const char *name = r->element[i]->str;

		if (name && redis_link_ask(d->commands, on_member, d, "HMGET %s lanes draining",
					   queue_key(d->config.queue, "worker", name).text) == 0)
			d->asked_members++;
	}
	if (!ok) {
		redis_desk_complain(d, "its workers cannot be asked for", r);
		d->polling = false;
	} else if (d->asked_members == 0) {
		commit(d);
	}
}

static void measure(struct redis_desk *d)
{
	uint64_t now = clock_now_nsec();
	double sec = (double)(now - d->polled_nsec) / (double)NSEC_PER_SEC;

	if (d->polled_nsec && sec > 0)
		d->rate = 0.7 * d->rate + 0.3 * (double)(d->ended - d->ended_before) / sec;
	d->ended_before = d->ended;
	d->polled_nsec = now;
}

/* Replies come in order: the last one ends it. Where the link breaks it comes as well, as none. */
void redis_state_poll(struct redis_desk *d)
{
	struct redis_link *l = d->commands;
	const char *queue = d->config.queue;

	if (d->polling || !redis_link_up(l))
		return;
	measure(d);
	d->next = (struct redis_state){ .known = false };
	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++) {
		redis_link_ask(l, on_left[i], d, "XLEN %s", queue_jobs(queue, i).text);
		redis_link_ask(l, on_pending[i], d, "XPENDING %s %s", queue_jobs(queue, i).text,
			       QUEUE_GROUP);
	}
	redis_link_ask(l, on_letters, d, "XLEN %s", queue_key(queue, "dead", NULL).text);
	redis_link_ask(l, on_stats, d, "HGETALL %s", queue_key(queue, "stats", NULL).text);
	d->polling = redis_link_ask(l, on_members, d, "SMEMBERS %s",
				    queue_key(queue, "workers", NULL).text) == 0;
}

/* ---- telling ---- */

/* Two questions are not one moment: what was acknowledged between them does not wait. */
static unsigned waiting(const struct redis_state *s, unsigned i)
{
	long long n = s->left[i] - s->pending[i];

	return n > 0 ? (unsigned)n : 0;
}

void redis_state_count(const struct desk *desk, struct desk_counts *ret)
{
	const struct redis_desk *d = (const struct redis_desk *)desk;
	const struct redis_state *s = &d->state;

	*ret = (struct desk_counts){ .lanes = (unsigned)s->lanes,
				     .watchers = d->nwatches,
				     .workers = (unsigned)s->workers };
	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++) {
		ret->waiting += waiting(s, i);
		ret->running += (unsigned)s->pending[i];
	}
	ret->idle_lanes = ret->lanes > ret->running ? ret->lanes - ret->running : 0;
}

void redis_state_print(const struct desk *desk, FILE *to)
{
	const struct redis_desk *d = (const struct redis_desk *)desk;
	const struct redis_state *s = &d->state;
	const char *q = d->config.queue;

	fprintf(to,
		"# HELP kodewar_queue_up 1 while Redis can be reached; else what follows is as it was.\n"
		"# TYPE kodewar_queue_up gauge\nkodewar_queue_up{queue=\"%s\"} %d\n"
		"# HELP kodewar_queue_jobs Jobs that are not done.\n# TYPE kodewar_queue_jobs gauge\n",
		q, redis_link_up(d->commands));
	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++)
		fprintf(to,
			"kodewar_queue_jobs{queue=\"%s\",priority=\"%s\",state=\"waiting\"} %u\n"
			"kodewar_queue_jobs{queue=\"%s\",priority=\"%s\",state=\"held\"} %lld\n",
			q, queue_priorities[i].name, waiting(s, i), q, queue_priorities[i].name,
			s->pending[i]);
	fprintf(to,
		"# HELP kodewar_queue_workers Workers that beat within the last 20 seconds, and do not drain.\n"
		"# TYPE kodewar_queue_workers gauge\nkodewar_queue_workers{queue=\"%s\"} %lld\n"
		"# HELP kodewar_queue_dead_letters Dead letters that are there.\n"
		"# TYPE kodewar_queue_dead_letters gauge\nkodewar_queue_dead_letters{queue=\"%s\"} %lld\n"
		"# HELP kodewar_queue_ended_total How jobs ended; twins are results that came second.\n"
		"# TYPE kodewar_queue_ended_total counter\n",
		q, s->workers, q, s->letters);
#define PRINT(name) \
	fprintf(to, "kodewar_queue_ended_total{queue=\"%s\",how=\"" #name "\"} %lld\n", q, s->name);
	DESK_COUNTERS(PRINT)
#undef PRINT
}

const char *redis_state_not_ready(const struct desk *desk)
{
	const struct redis_desk *d = (const struct redis_desk *)desk;

	if (!redis_link_up(d->commands))
		return "the queue in Redis cannot be reached";
	if (!d->state.known)
		return "the queue in Redis was not looked at yet";
	if (d->state.workers < (long long)d->config.workers_min)
		return "no worker of the queue lives, or too few";
	return NULL;
}

unsigned redis_state_retry_after(const struct redis_desk *d, long long left)
{
	double sec = d->rate > 0.01 ? (double)left / d->rate + 1 : RETRY_AFTER_SEC;

	return sec < RETRY_AFTER_MAX_SEC ? (unsigned)sec : RETRY_AFTER_MAX_SEC;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases: what a worker holds is pending under its name, and has been idle since it last said that it lives.  It says
 * so (XCLAIM, JUSTID: a renewal is no delivery) three times per lease; what is silent for a whole lease is taken over by
 * whoever has room (XAUTOCLAIM).  Idle times are Redis' own, so that no machine's clock matters.
 *
 * Only what is still ours is renewed: a job that was taken over while we were cut off is its new holder's, and our
 * result comes first or is dropped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "gate/redis/redis_stream_private.h"

#define TICK_USEC 250000ull
#define BEAT_MS 5000u
#define BEAT_KEEP_MS 20000
#define PRUNE_MS 60000u
#define PRUNE_IDLE_MS \
	3600000ll /* a consumer that asked nothing for so long, and holds nothing, is gone for good */
#define PENDING_MAX 1000

/* ---- renewing ---- */

static void renew(struct redis_stream *w, unsigned priority, const redisReply *mine)
{
	for (size_t i = 0; i < mine->elements; i++) {
		const redisReply *one = mine->element[i];
		const struct stream_job *j;

		if (one->elements < 1 || one->element[0]->type != REDIS_REPLY_STRING)
			continue;
		j = stream_job_by_entry(w, priority, one->element[0]->str);
		if (j && j->stage != STREAM_GIVING)
			redis_link_ask(w->commands, NULL, NULL, "XCLAIM %s %s %s 0 %s JUSTID",
				       queue_jobs(w->config.queue, priority).text, QUEUE_GROUP,
				       w->name, j->entry);
	}
}

#define ON_PENDING(n) \
	static void on_pending_##n(void *user, const redisReply *reply) \
	{ \
		if (redis_ok(reply) && reply->type == REDIS_REPLY_ARRAY) \
			renew(user, n, reply); \
	}
ON_PENDING(0)
ON_PENDING(1)
ON_PENDING(2)

static void renew_all(struct redis_stream *w)
{
	static const redis_then_t then[QUEUE_PRIORITIES] = { on_pending_0, on_pending_1,
							     on_pending_2 };
	struct stream_job *j;

	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++)
		redis_link_ask(w->commands, then[i], w, "XPENDING %s %s - + %d %s",
			       queue_jobs(w->config.queue, i).text, QUEUE_GROUP, PENDING_MAX,
			       w->name);
	for (j = TAILQ_FIRST(&w->jobs); j; j = TAILQ_NEXT(j, link))
		stream_store_check_cancel(j);
}

/* ---- taking over ---- */

static void claim(struct redis_stream *w, unsigned priority);

/* [cursor, [entry…], [deleted…]] */
static void claimed(struct redis_stream *w, unsigned priority, const redisReply *reply)
{
	if (redis_is_error(reply, "NOGROUP"))
		stream_group(w);
	if (redis_ok(reply) && reply->type == REDIS_REPLY_ARRAY && reply->elements >= 2)
		for (size_t i = 0; i < reply->element[1]->elements; i++)
			stream_take(w, priority, reply->element[1]->element[i], true);
	if (redis_ok(reply) && priority + 1 < QUEUE_PRIORITIES && stream_room(w) > 0)
		claim(w, priority + 1);
	else
		w->claiming = false;
}

#define ON_CLAIM(n) \
	static void on_claim_##n(void *user, const redisReply *reply) \
	{ \
		claimed(user, n, reply); \
	}
ON_CLAIM(0)
ON_CLAIM(1)
ON_CLAIM(2)

/* One stream after the other: each for as many as there is still room. */
static void claim(struct redis_stream *w, unsigned priority)
{
	static const redis_then_t then[QUEUE_PRIORITIES] = { on_claim_0, on_claim_1, on_claim_2 };

	w->claiming =
		redis_link_ask(w->commands, then[priority], w,
			       "XAUTOCLAIM %s %s %s %llu 0 COUNT %u",
			       queue_jobs(w->config.queue, priority).text, QUEUE_GROUP, w->name,
			       (unsigned long long)w->config.lease_ms, stream_room(w)) == 0;
}

/* ---- consumers ---- */

void stream_lease_beat(struct redis_stream *w)
{
	struct queue_key key = queue_key(w->config.queue, "worker", w->name);

	redis_link_ask(w->commands, NULL, NULL,
		       "HSET %s lanes %u held %u judged %llu dead %llu twins %llu taken_over %llu "
		       "draining %d",
		       key.text, w->config.lanes, w->held, (unsigned long long)w->counts.judged,
		       (unsigned long long)w->counts.dead, (unsigned long long)w->counts.twins,
		       (unsigned long long)w->counts.taken_over, (int)w->draining);
	redis_link_ask(w->commands, NULL, NULL, "PEXPIRE %s %d", key.text, BEAT_KEEP_MS);
	redis_link_ask(w->commands, NULL, NULL, "SADD %s %s",
		       queue_key(w->config.queue, "workers", NULL).text, w->name);
}

static long long number(const redisReply *r)
{
	return r && r->type == REDIS_REPLY_INTEGER ? r->integer : -1;
}

static void prune(struct redis_stream *w, unsigned priority, const redisReply *consumers)
{
	for (size_t i = 0; i < consumers->elements; i++) {
		const redisReply *one = consumers->element[i], *name = redis_field(one, "name");

		if (name && number(redis_field(one, "pending")) == 0 &&
		    number(redis_field(one, "idle")) > PRUNE_IDLE_MS && !redis_is(name, w->name))
			redis_link_ask(w->commands, NULL, NULL, "XGROUP DELCONSUMER %s %s %s",
				       queue_jobs(w->config.queue, priority).text, QUEUE_GROUP,
				       name->str);
	}
}

#define ON_CONSUMERS(n) \
	static void on_consumers_##n(void *user, const redisReply *reply) \
	{ \
		if (redis_ok(reply) && reply->type == REDIS_REPLY_ARRAY) \
			prune(user, n, reply); \
	}
ON_CONSUMERS(0)
ON_CONSUMERS(1)
ON_CONSUMERS(2)

/* Replies come in the order of the names. One that lives nevertheless comes back with its next beat. */
static void on_beat(void *user, const redisReply *reply)
{
	struct redis_stream *w = user;
	const char *name = w->suspects[w->suspect];

	if (redis_ok(reply) && reply->integer == 0)
		redis_link_ask(w->commands, NULL, NULL, "SREM %s %s",
			       queue_key(w->config.queue, "workers", NULL).text, name);
	if (++w->suspect < w->nsuspects)
		return;
	free(w->suspects);
	w->suspects = NULL;
}

static void on_members(void *user, const redisReply *reply)
{
	struct redis_stream *w = user;
	bool ok = redis_ok(reply) && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0;

	if (!ok || w->suspects)
		return;
	w->suspects = calloc(reply->elements, sizeof(*w->suspects));
	w->suspect = w->nsuspects = 0;
	for (size_t i = 0; w->suspects && i < reply->elements; i++) {
		const char *name = reply->element[i]->str;

		if (!name || strlen(name) >= sizeof(*w->suspects))
			continue;
		strcpy(w->suspects[w->nsuspects], name);
		if (redis_link_ask(w->commands, on_beat, w, "EXISTS %s",
				   queue_key(w->config.queue, "worker", name).text) == 0)
			w->nsuspects++;
	}
	if (w->nsuspects > 0)
		return;
	free(w->suspects);
	w->suspects = NULL;
}

static void prune_all(struct redis_stream *w)
{
	static const redis_then_t then[QUEUE_PRIORITIES] = { on_consumers_0, on_consumers_1,
							     on_consumers_2 };

	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++)
		redis_link_ask(w->commands, then[i], w, "XINFO CONSUMERS %s %s",
			       queue_jobs(w->config.queue, i).text, QUEUE_GROUP);
	redis_link_ask(w->commands, on_members, w, "SMEMBERS %s",
		       queue_key(w->config.queue, "workers", NULL).text);
}

/* ---- the tick ---- */

static bool due(uint64_t *last_nsec, uint64_t every_ms)
{
	uint64_t now = clock_now_nsec();

	if (*last_nsec && now - *last_nsec < every_ms * NSEC_PER_MSEC)
		return false;
	*last_nsec = now;
	return true;
}

static void tick(struct redis_stream *w)
{
	struct stream_job *j, *next;

	if (!w->grouped) {
		stream_group(w);
		return;
	}
	for (j = TAILQ_FIRST(&w->jobs); j; j = next) {
		next = TAILQ_NEXT(j, link);
		stream_store_go(j);
	}
	if (due(&w->renewed_nsec, w->config.lease_ms / 3))
		renew_all(w);
	if (due(&w->beaten_nsec, BEAT_MS))
		stream_lease_beat(w);
	if (due(&w->pruned_nsec, PRUNE_MS))
		prune_all(w);
	if (!w->claiming && stream_room(w) > 0)
		claim(w, 0);
	stream_read(w);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *user)
{
	struct redis_stream *w = user;

	if (redis_link_up(w->commands))
		tick(w);
	sd_event_source_set_time_relative(source, TICK_USEC);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	if (w->on_empty && w->held == 0 && !w->reading) {
		void (*on_empty)(void *) = w->on_empty;

		w->on_empty = NULL;
		on_empty(w->empty_user);
	}
	return 0;
}

int stream_lease_start(struct redis_stream *w)
{
	return sd_event_add_time_relative(w->config.loop, &w->tick, CLOCK_MONOTONIC, TICK_USEC, 0,
					  on_tick, w);
}

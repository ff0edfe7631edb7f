/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said to Redis about one job.  A result, its notices and the acknowledgement are one transaction: there is no
 * moment in which one is there and another is not, whatever dies.  SET NX makes the first result the only one; an
 * entry that is acknowledged is deleted as well, so that a stream holds what is not done and nothing else, and never
 * needs to be trimmed.
 *
 * An answer that never comes (the link broke), or that is an error (Redis is out of memory, say), leaves the job in
 * its stage; what the stage wants is said again when the link is back, or at the next tick.  All of it may be said twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gate/redis/redis_stream_private.h"

#define EVENTS_MAX 4096		       /* per job; more or less */
#define EVENTS_BYTES_MAX (4ull << 20)  /* of cases and output, per job and worker */
#define EVENTS_KEEP_MS 3600000ull      /* after the end; what is kept longer is the result */
#define GIVEN_BACK_IDLE_MS 86400000ull /* older than any lease: to be taken over at once */

static struct queue_key key(const struct stream_job *j, const char *what)
{
	return queue_key(j->worker->config.queue, what, j->id);
}

static struct queue_key jobs(const struct stream_job *j)
{
	return queue_jobs(j->worker->config.queue, j->priority);
}

static void count(struct stream_job *j, const char *what)
{
	redis_link_ask(j->worker->commands, NULL, NULL, "HINCRBY %s %s 1",
		       queue_key(j->worker->config.queue, "stats", NULL).text, what);
}

static void settled(struct stream_job *j, bool ok)
{
	j->broken = j->broken || !ok;
	if (--j->replies > 0 || j->broken)
		return;
	if (j->said != j->stage)
		stream_store_go(j); /* its stage changed meanwhile */
	else if (j->stage == STREAM_CHECKING)
		stream_job_checked(j);
}

static void asked(struct stream_job *j, int r)
{
	if (r == 0)
		j->replies++;
	else
		j->broken = true;
}

/* ---- before it begins ---- */

static void on_over(void *user, const redisReply *reply)
{
	struct stream_job *j = user;

	j->over = redis_ok(reply) && reply->integer > 0;
	settled(j, redis_ok(reply));
}

static void on_cancelled(void *user, const redisReply *reply)
{
	struct stream_job *j = user;

	j->cancelled = j->cancelled || (redis_ok(reply) && reply->integer > 0);
	settled(j, redis_ok(reply));
}

/* [[entry, consumer, idle, deliveries]], or nothing where it was acknowledged meanwhile. */
static void on_deliveries(void *user, const redisReply *reply)
{
	struct stream_job *j = user;
	const redisReply *one;

	if (redis_ok(reply) && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
		one = reply->element[0];
		if (one->elements == 4 && one->element[3]->type == REDIS_REPLY_INTEGER)
			j->deliveries = (unsigned)one->element[3]->integer;
	}
	settled(j, redis_ok(reply));
}

/* [seconds, microseconds], by the clock that gave the entry its name. */
static void on_time(void *user, const redisReply *reply)
{
	struct stream_job *j = user;
	bool ok = redis_ok(reply) && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
		  reply->element[0]->str && reply->element[1]->str;

	if (ok) {
		uint64_t now = strtoull(reply->element[0]->str, NULL, 10) * 1000 +
			       strtoull(reply->element[1]->str, NULL, 10) / 1000;
		uint64_t then = strtoull(j->entry, NULL, 10);

		j->late_ms = now > then ? now - then : 0;
	}
	settled(j, ok);
}

static void check(struct stream_job *j)
{
	struct redis_link *l = j->worker->commands;

	asked(j, redis_link_ask(l, on_over, j, "EXISTS %s", key(j, "result").text));
	asked(j, redis_link_ask(l, on_cancelled, j, "EXISTS %s", key(j, "cancel").text));
	if (j->deadline_ms)
		asked(j, redis_link_ask(l, on_time, j, "TIME"));
	if (j->claimed)
		asked(j, redis_link_ask(l, on_deliveries, j, "XPENDING %s %s %s %s 1", jobs(j).text,
					QUEUE_GROUP, j->entry, j->entry));
}

/* ---- its end ---- */

static void gone(struct stream_job *j, const char *counter)
{
	struct redis_stream *w = j->worker;
	struct redis_stream_counts *n = &w->counts;

	count(j, counter);
	n->judged += strcmp(counter, "judged") == 0;
	n->refused += strcmp(counter, "refused") == 0;
	n->cancelled += strcmp(counter, "cancelled") == 0;
	n->dead += strcmp(counter, "dead") == 0;
	n->twins += strcmp(counter, "twins") == 0;
	stream_job_free(j);
	stream_read(w);
}

/* The answer to a whole transaction; NULL where it was not done, or nobody knows. */
static const redisReply *done(struct stream_job *j, const redisReply *reply)
{
	if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0)
		return reply;
	if (!j->complained)
		log_event(LOG_LEVEL_WARNING, "job cannot be ended in Redis, tried on job=%s: %s",
			  j->id, redis_error(reply));
	j->complained = true;
	j->tried = j->tried || !reply;
	settled(j, false);
	return NULL;
}

/* Whether its result is the visible one: also where an earlier try may have been ours. */
static bool first(const struct stream_job *j, const redisReply *r)
{
	return j->tried || redis_is(r->element[0], "OK");
}

static void on_stored(void *user, const redisReply *reply)
{
	struct stream_job *j = user;
	const redisReply *r = done(j, reply);

	if (r)
		gone(j, first(j, r) ? j->kind : "twins");
}

/* Somebody's result came between: then the letter is none. It is the last but two. */
static void on_buried(void *user, const redisReply *reply)
{
	struct stream_job *j = user;
	const redisReply *r = done(j, reply);

	if (!r)
		return;
	if (!first(j, r))
		redis_link_ask(j->worker->commands, NULL, NULL, "XDEL %s %s",
			       queue_key(j->worker->config.queue, "dead", NULL).text,
			       r->element[r->elements - 3]->str);
	gone(j, first(j, r) ? j->kind : "twins");
}

static void on_dropped(void *user, const redisReply *reply)
{
	struct stream_job *j = user;

	if (done(j, reply))
		gone(j, "twins");
}

static void on_given(void *user, const redisReply *reply)
{
	struct stream_job *j = user;
	struct redis_stream *w = j->worker;

	if (!redis_ok(reply)) {
		settled(j, false);
		return;
	}
	w->counts.given_back++;
	stream_job_free(j);
	stream_read(w);
}

static void add_result(struct redis_batch *b, struct stream_job *j)
{
	unsigned long long keep = j->worker->config.keep_ms;

	redis_batch_add(b, "SET %s %b NX PX %llu", key(j, "result").text, j->result, j->result_len,
			keep);
	redis_batch_add(b, "LPUSH %s 1", key(j, "done").text);
	redis_batch_add(b, "LTRIM %s 0 0", key(j, "done").text);
	redis_batch_add(b, "PEXPIRE %s %llu", key(j, "done").text, keep);
	if (j->events) {
		redis_batch_add(b, "XADD %s 0-* event result data {}", key(j, "events").text);
		redis_batch_add(b, "PEXPIRE %s %llu", key(j, "events").text,
				keep < EVENTS_KEEP_MS ? keep : EVENTS_KEEP_MS);
	}
	redis_batch_add(b, "PUBLISH %s %s", queue_key(j->worker->config.queue, "done", NULL).text,
			j->id);
}

/* What the gate remembers of it goes with its result. */
static void add_gate(struct redis_batch *b, const struct stream_job *j)
{
	unsigned long long keep = j->worker->config.keep_ms;

	redis_batch_add(b, "PEXPIRE %s %llu", key(j, "job").text, keep);
	if (*j->key)
		redis_batch_add(b, "PEXPIRE %s %llu",
				queue_key(j->worker->config.queue, "key", j->key).text, keep);
	if (*j->tenant)
		redis_batch_add(b, "SREM %s %s",
				queue_key(j->worker->config.queue, "live", j->tenant).text, j->id);
}

static void add_letter(struct redis_batch *b, struct stream_job *j)
{
	redis_batch_add(b,
			"XADD %s * id %s priority %s entry %s reason %s deliveries %u worker %s "
			"tenant %b gate %s caps %s limits %s boxes %u events %s payload %b",
			queue_key(j->worker->config.queue, "dead", NULL).text, j->id,
			queue_priorities[j->priority].name, j->entry, j->reason, j->deliveries,
			j->worker->name, j->tenant, strlen(j->tenant), j->gate ? "1" : "",
			j->caps_text, j->limits_text, j->boxes,
			j->output   ? "output"
			: j->events ? "1"
				    : "",
			j->payload ? j->payload : "", j->payload_len);
}

static void end(struct stream_job *j, redis_then_t then)
{
	struct redis_batch b = { .data = NULL };

	redis_batch_add(&b, "MULTI");
	if (j->stage != STREAM_DROPPING)
		add_result(&b, j);
	if (j->stage == STREAM_BURYING)
		add_letter(&b, j);
	if (j->gate)
		add_gate(&b, j);
	redis_batch_add(&b, "XACK %s %s %s", jobs(j).text, QUEUE_GROUP, j->entry);
	redis_batch_add(&b, "XDEL %s %s", jobs(j).text, j->entry);
	redis_batch_add(&b, "EXEC");
	asked(j, redis_link_batch(j->worker->commands, &b, then, j));
}

/*
 * A try that did not come to anything is not counted.  Who drains gives it to be taken at once; who failed gives it to be
 * taken after a lease, by then maybe by himself: what fails here would fail again a moment later.
 */
static void give(struct stream_job *j)
{
	unsigned long long idle = j->worker->draining ? GIVEN_BACK_IDLE_MS : 0;
	unsigned deliveries = j->deliveries - (j->uncounted && j->deliveries > 0);

	asked(j, redis_link_ask(j->worker->commands, on_given, j,
				"XCLAIM %s %s %s 0 %s IDLE %llu RETRYCOUNT %u JUSTID", jobs(j).text,
				QUEUE_GROUP, j->worker->name, j->entry, idle, deliveries));
}

void stream_store_go(struct stream_job *j)
{
	if (j->replies > 0 || !redis_link_up(j->worker->commands))
		return;
	j->broken = false;
	j->said = j->stage;
	switch (j->stage) {
	case STREAM_CHECKING: check(j); break;
	case STREAM_STORING: end(j, on_stored); break;
	case STREAM_BURYING: end(j, on_buried); break;
	case STREAM_DROPPING: end(j, on_dropped); break;
	case STREAM_GIVING: give(j); break;
	case STREAM_ASKED:
	case STREAM_RUNNING: break; /* nothing is wanted */
	}
}

/* ---- meanwhile ---- */

/* While it runs a cancellation may have been said when nobody listened. */
static void on_late_cancel(void *user, const redisReply *reply)
{
	struct stream_job *j = user;

	if (redis_ok(reply) && reply->integer > 0)
		stream_job_cancel(j->worker, j->id, strlen(j->id));
}

void stream_store_check_cancel(struct stream_job *j)
{
	if (!j->cancelled && (j->stage == STREAM_ASKED || j->stage == STREAM_RUNNING))
		redis_link_ask(j->worker->commands, on_late_cancel, j, "EXISTS %s",
			       key(j, "cancel").text);
}

static void say_begun(struct stream_job *j, const struct desk_event *event)
{
	if (!j->gate || j->begun || event->kind == DESK_EV_QUEUED || event->kind == DESK_EV_RESULT)
		return;
	j->begun = redis_link_ask(j->worker->commands, NULL, NULL, "HSET %s state running",
				  key(j, "job").text) == 0;
}

/*
 * Progress is news, not truth: what cannot be said now is not said, and what there is too much of neither: a program
 * that prints without end is not to fill Redis. The result's own event comes with the result.
 */
void stream_store_event(struct stream_job *j, const struct desk_event *event)
{
	struct redis_link *l = j->worker->commands;
	bool large = event->kind == DESK_EV_OUTPUT || event->kind == DESK_EV_CASE;

	say_begun(j, event);
	if (!j->events || event->kind == DESK_EV_RESULT)
		return;
	if ((large && j->events_bytes + event->len > EVENTS_BYTES_MAX) ||
	    redis_link_ask(l, NULL, NULL, "XADD %s MAXLEN ~ %d 0-* event %s data %b",
			   key(j, "events").text, EVENTS_MAX, desk_event_names[event->kind],
			   event->json, event->len) < 0) {
		j->worker->counts.events_dropped++;
		return;
	}
	j->events_bytes += event->len;
	if (event->seq <= 1)
		redis_link_ask(l, NULL, NULL, "PEXPIRE %s %llu", key(j, "events").text,
			       (unsigned long long)j->worker->config.keep_ms);
}

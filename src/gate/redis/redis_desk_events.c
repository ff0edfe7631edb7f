/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events, from the stream that each job has of them, whoever writes there.  Their numbers are the stream's own (0-1,
 * 0-2, …), so that they are the same at every gate, and who comes back says with one of them where he was.
 *
 * One read blocks, for a moment, on the streams of those jobs that somebody follows; where these are many it goes
 * round.  When a job has ended each watch asks for what it has not been told yet, and only then is it told the result.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/redis/redis_desk_parts.h"

#define STREAMS_MAX 64 /* of one read */
#define ENTRIES_MAX 16 /* of one stream in it */
#define BLOCK_MS "100"
#define BLOCK_ROUND_MS "20" /* where it takes more than one to see all */
#define ENTRY_BYTES 32

/* ---- one entry ---- */

/* "0-N"; 0: none of ours. */
static uint64_t number_of(const redisReply *id)
{
	if (id->type != REDIS_REPLY_STRING || strncmp(id->str, "0-", 2) != 0)
		return 0;
	return strtoull(id->str + 2, NULL, 10);
}

/* desk_event_names_len where it is none. */
static size_t kind_of(const redisReply *fields)
{
	const redisReply *name = redis_field(fields, "event");
	size_t i = 0;

	while (i < desk_event_names_len && !(name && redis_is(name, desk_event_names[i])))
		i++;
	return i;
}

/* What is not known here is passed over, and counted as told: else it would be read for ever. */
static void tell(struct redis_watch *w, size_t kind, uint64_t seq, const redisReply *data)
{
	struct desk_event event = { .kind = (enum desk_event_kind)kind, .seq = seq };

	if (w->ended || seq <= w->seq)
		return;
	w->seq = seq;
	if (kind == DESK_EV_RESULT) { /* that there is one; itself it is elsewhere */
		w->result_seq = seq;
		w->complete = true;
	} else if (kind < desk_event_names_len && data && data->type == REDIS_REPLY_STRING) {
		event.json = data->str;
		event.len = data->len;
		w->on_event(w->user, &event);
	}
}

/* One entry [id, [field, value…]] for one watch, or for all. Of a stream that is not as we know it: no more. */
static void deliver(struct redis_job *j, struct redis_watch *one, const redisReply *entry)
{
	const redisReply *fields = entry->elements == 2 ? entry->element[1] : NULL;
	uint64_t seq = fields ? number_of(entry->element[0]) : 0;
	size_t kind = seq ? kind_of(fields) : desk_event_names_len;
	struct redis_watch *w;

	if (j->state == DESK_WAITING && (kind == DESK_EV_COMPILING || kind == DESK_EV_RUNNING))
		j->state = DESK_RUNNING;
	for (w = TAILQ_FIRST(&j->watches); w; w = TAILQ_NEXT(w, link)) {
		if (!w->events || (one && w != one))
			continue;
		if (seq)
			tell(w, kind, seq, redis_field(fields, "data"));
		else
			w->events = false;
	}
	if (!seq)
		redis_events_follow(j, false);
	else if (kind == DESK_EV_RESULT)
		redis_job_check(j);
}

/* ---- the rest, after the end ---- */

/* The last entry, of who says that he has seen it, or more than there is: the result keeps its number. */
static void on_last(void *user, const redisReply *reply)
{
	struct redis_watch *w = user;
	const redisReply *entry;

	w->asked = false;
	redis_job_touch(w->job);
	if (!reply)
		return;
	entry = reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 ? reply->element[0] : NULL;
	if (entry && entry->elements == 2 && kind_of(entry->element[1]) == DESK_EV_RESULT)
		w->result_seq = number_of(entry->element[0]);
	w->complete = true;
}

static bool ask_last(struct redis_watch *w)
{
	struct redis_desk *d = w->job->desk;

	w->asked = redis_link_ask(d->commands, on_last, w, "XREVRANGE %s + - COUNT 1",
				  queue_key(d->config.queue, "events", w->job->id).text) == 0;
	return w->asked;
}

static void on_rest(void *user, const redisReply *reply)
{
	struct redis_watch *w = user;
	struct redis_job *j = w->job;

	w->asked = false;
	redis_job_touch(j);
	if (!reply)
		return; /* asked again when Redis is back: the tick touches */
	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
		deliver(j, w, reply->element[i]);
	if (!w->complete && w->seq > 0 && ask_last(w))
		return;
	w->complete = true;
}

void redis_events_rest(struct redis_watch *w)
{
	struct redis_desk *d = w->job->desk;

	if (w->asked)
		return;
	w->asked = redis_link_ask(d->commands, on_rest, w, "XRANGE %s (0-%llu +",
				  queue_key(d->config.queue, "events", w->job->id).text,
				  (unsigned long long)w->seq) == 0;
}

/* ---- following ---- */

void redis_events_follow(struct redis_job *j, bool on)
{
	struct redis_desk *d = j->desk;

	if (on == j->followed)
		return;
	j->followed = on;
	if (on) {
		TAILQ_INSERT_HEAD(&d->followed, j, follow);
		d->nfollowed++;
		redis_events_read(d);
	} else {
		TAILQ_REMOVE(&d->followed, j, follow);
		d->nfollowed--;
	}
}

/* [[stream, [entry…]]…] */
static void take(struct redis_desk *d, const redisReply *reply)
{
	size_t prefix = strlen(queue_key(d->config.queue, "events", "").text);

	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
		const redisReply *one = reply->element[i];
		struct redis_job *j;

		if (one->elements != 2 || one->element[0]->len <= prefix)
			continue;
		j = redis_job_by_id(d, one->element[0]->str + prefix);
		for (size_t k = 0; j && k < one->element[1]->elements; k++)
			deliver(j, NULL, one->element[1]->element[k]);
	}
}

static void on_read(void *user, const redisReply *reply)
{
	struct redis_desk *d = user;

	d->reading = false;
	if (!redis_ok(reply)) {
		redis_desk_complain(d, "events cannot be read", reply);
		return; /* the tick tries again */
	}
	take(d, reply);
	redis_events_read(d);
}

/* Whoever is behind the furthest decides; those who know it already are not told again. */
static uint64_t cursor_of(const struct redis_job *j)
{
	const struct redis_watch *w;
	uint64_t seq = UINT64_MAX - 1;

	for (w = TAILQ_FIRST(&j->watches); w; w = TAILQ_NEXT(w, link))
		if (w->events && !w->dead && w->seq < seq)
			seq = w->seq;
	return seq;
}

struct round {
	struct queue_key keys[STREAMS_MAX];
	char cursors[STREAMS_MAX][ENTRY_BYTES];
	const char *argv[6 + 2 * STREAMS_MAX];
	size_t n;
};

/* The first of them go to the end. */
static void pick(struct redis_desk *d, struct round *r)
{
	unsigned all = d->nfollowed;

	while (r->n < STREAMS_MAX && r->n < all) {
		struct redis_job *j = TAILQ_FIRST(&d->followed);

		TAILQ_REMOVE(&d->followed, j, follow);
		TAILQ_INSERT_TAIL(&d->followed, j, follow);
		r->keys[r->n] = queue_key(d->config.queue, "events", j->id);
		snprintf(r->cursors[r->n], ENTRY_BYTES, "0-%llu", (unsigned long long)cursor_of(j));
		r->n++;
	}
}

void redis_events_read(struct redis_desk *d)
{
	_cleanup_free_ struct round *r = NULL;
	char count[16];

	if (d->reading || d->nfollowed == 0 || !redis_link_up(d->reads))
		return;
	r = calloc(1, sizeof(*r));
	if (!r)
		return; /* the tick tries again */
	pick(d, r);
	snprintf(count, sizeof(count), "%d", ENTRIES_MAX);
	r->argv[0] = "XREAD";
	r->argv[1] = "COUNT";
	r->argv[2] = count;
	r->argv[3] = "BLOCK";
	r->argv[4] = d->nfollowed > STREAMS_MAX ? BLOCK_ROUND_MS : BLOCK_MS;
	r->argv[5] = "STREAMS";
	for (size_t i = 0; i < r->n; i++) {
		r->argv[6 + i] = r->keys[i].text;
		r->argv[6 + r->n + i] = r->cursors[i];
	}
	d->reading = redis_link_send(d->reads, 6 + 2 * r->n, r->argv, NULL, 100, on_read, d) == 0;
}

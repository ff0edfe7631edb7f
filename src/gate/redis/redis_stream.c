/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redis_stream.h.  Three connections: one that blocks for new entries, one for commands, one that listens for
 * cancellations.
 *
 * Whose turn it is: each stream may give as many entries in a row as it weighs, and is asked for no more than there
 * is room for here; after a round in which none gave any, one read blocks on all of them.  So a full stream of low
 * priority still gets its share beside a full one of high, and nothing is taken that would only wait here.
 *
 * What is taken belongs to us for a lease (redis_stream_lease.c) and to the life of redis_stream_job.c.
 */
#include "gate/redis/redis_stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "gate/desk/job_id.h"
#include "gate/redis/redis_stream_private.h"

#define BLOCK_MS 1000

unsigned stream_room(const struct redis_stream *w)
{
	unsigned most = w->config.lanes + w->config.prefetch;

	return w->draining || w->held >= most ? 0 : most - w->held;
}

/* What goes on is said once. */
static void complain(struct redis_stream *w, const char *what, const redisReply *reply)
{
	if (reply && !w->complained)
		log_event(LOG_LEVEL_ERROR, "queue %s: %s: %s", w->config.queue, what,
			  redis_error(reply));
	w->complained = w->complained || reply;
}

/* ---- the groups ---- */

static void on_group(void *user, const redisReply *reply)
{
	struct redis_stream *w = user;

	w->grouping--;
	if (!redis_ok(reply) && !redis_is_error(reply, "BUSYGROUP")) {
		complain(w, "its group cannot be made", reply);
		return; /* the tick tries again */
	}
	w->grouped = w->grouping == 0;
	stream_read(w);
}

/* From the first entry on: what came before any worker did is work as well. */
void stream_group(struct redis_stream *w)
{
	w->grouped = false;
	if (w->grouping || !redis_link_up(w->commands))
		return;
	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++)
		if (redis_link_ask(w->commands, on_group, w, "XGROUP CREATE %s %s 0 MKSTREAM",
				   queue_jobs(w->config.queue, i).text, QUEUE_GROUP) == 0)
			w->grouping++;
}

/* ---- reading ---- */

void stream_take(struct redis_stream *w, unsigned priority, const redisReply *entry, bool claimed)
{
	const redisReply *id = entry->elements == 2 ? entry->element[0] : NULL;

	if (!id || id->type != REDIS_REPLY_STRING || id->len >= STREAM_ENTRY_BYTES)
		return;
	stream_job_begin(w, priority, id->str, entry->element[1], claimed);
}

static unsigned priority_of(const struct redis_stream *w, const redisReply *name)
{
	unsigned i = 0;

	while (i < QUEUE_PRIORITIES && !redis_is(name, queue_jobs(w->config.queue, i).text))
		i++;
	return i;
}

/* [[stream, [entry…]]…]; how many there were. */
static size_t take_all(struct redis_stream *w, const redisReply *reply)
{
	size_t n = 0;

	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
		const redisReply *one = reply->element[i];
		unsigned priority =
			one->elements == 2 ? priority_of(w, one->element[0]) : QUEUE_PRIORITIES;

		if (priority == QUEUE_PRIORITIES)
			continue;
		for (size_t k = 0; k < one->element[1]->elements; k++, n++)
			stream_take(w, priority, one->element[1]->element[k], false);
	}
	return n;
}

static void next_turn(struct redis_stream *w)
{
	w->turn = (w->turn + 1) % QUEUE_PRIORITIES;
	w->credit = queue_priorities[w->turn].weight;
	if (w->turn > 0)
		return;
	w->idle = w->round == 0;
	w->round = 0;
}

static void count_read(struct redis_stream *w, size_t n)
{
	if (w->idle) {
		w->idle = n == 0;
		return;
	}
	w->round += n;
	w->credit -= n < w->credit ? (unsigned)n : w->credit;
	if (n < w->asked || w->credit == 0)
		next_turn(w);
}

static void on_read(void *user, const redisReply *reply)
{
	struct redis_stream *w = user;

	w->reading = false;
	if (!redis_ok(reply)) {
		if (redis_is_error(reply, "NOGROUP"))
			stream_group(w); /* somebody deleted it, or Redis forgot */
		else
			complain(w, "cannot be read", reply);
		return; /* the tick tries again */
	}
	w->complained = false;
	count_read(w, take_all(w, reply));
	stream_read(w);
}

static int read_all(struct redis_stream *w)
{
	struct queue_key keys[QUEUE_PRIORITIES];
	const char *argv[8 + 2 * QUEUE_PRIORITIES + 1] = { "XREADGROUP", "GROUP", QUEUE_GROUP,
							   w->name,	 "COUNT", "1",
							   "BLOCK",	 "1000",  "STREAMS" };
	size_t n = 9;

	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++) {
		keys[i] = queue_jobs(w->config.queue, i);
		argv[n + i] = keys[i].text;
		argv[n + QUEUE_PRIORITIES + i] = ">";
	}
	return redis_link_send(w->reads, n + 2ul * QUEUE_PRIORITIES, argv, NULL, BLOCK_MS, on_read,
			       w);
}

void stream_read(struct redis_stream *w)
{
	unsigned room = stream_room(w);
	int r;

	if (w->reading || room == 0 || !w->grouped || !redis_link_up(w->reads) ||
	    !redis_link_up(w->commands))
		return;
	w->asked = w->credit < room ? w->credit : room;
	if (w->idle)
		r = read_all(w);
	else
		r = redis_link_ask(w->reads, on_read, w,
				   "XREADGROUP GROUP %s %s COUNT %u STREAMS %s >", QUEUE_GROUP,
				   w->name, w->asked, queue_jobs(w->config.queue, w->turn).text);
	w->reading = r == 0;
}

/* ---- links ---- */

static void on_commands_up(void *user)
{
	struct redis_stream *w = user;
	struct stream_job *j, *next;

	log_event(LOG_LEVEL_INFO, "queue %s: connected as %s", w->config.queue, w->name);
	w->counts.up = true;
	stream_group(w);
	for (j = TAILQ_FIRST(&w->jobs); j; j = next) {
		next = TAILQ_NEXT(j, link);
		stream_store_go(j);
	}
}

static void on_reads_up(void *user)
{
	stream_read(user);
}

static void on_commands_down(void *user, const struct err *why, unsigned tries)
{
	struct redis_stream *w = user;

	w->counts.up = false;
	if (tries == 1)
		log_event(LOG_LEVEL_WARNING, "queue %s: not connected: %s", w->config.queue,
			  why->text);
}

/* What was said while nobody listened is asked for. */
static void on_listener_up(void *user)
{
	struct redis_stream *w = user;
	struct stream_job *j;

	redis_link_ask(w->listener, NULL, NULL, "SUBSCRIBE %s",
		       queue_key(w->config.queue, "cancel", NULL).text);
	for (j = TAILQ_FIRST(&w->jobs); j; j = TAILQ_NEXT(j, link))
		stream_store_check_cancel(j);
}

static void on_push(void *user, const redisReply *r)
{
	if (r->type == REDIS_REPLY_ARRAY && r->elements == 3 && redis_is(r->element[0], "message"))
		stream_job_cancel(user, r->element[2]->str, r->element[2]->len);
}

static int open_links(struct redis_stream *w, struct err *err)
{
	const struct queue_key key = queue_jobs(w->config.queue, 1);
	struct redis_link_config c = { .loop = w->config.loop,
				       .url = w->config.url,
				       .key = key.text,
				       .ca_file = w->config.ca_file,
				       .name = w->name,
				       .user = w };
	int r;

	c.on_up = on_commands_up;
	c.on_down = on_commands_down;
	r = redis_link_new(&c, &w->commands, err);
	if (r < 0)
		return r;
	c.on_up = on_reads_up;
	c.on_down = NULL;
	r = redis_link_new(&c, &w->reads, err);
	if (r < 0)
		return r;
	c.on_up = on_listener_up;
	c.on_push = on_push;
	return redis_link_new(&c, &w->listener, err);
}

/* ---- life ---- */

/* A name that was never there before: an earlier life's jobs are taken over like anybody's. */
static int name_it(struct redis_stream *w)
{
	char host[48] = "host", id[JOB_ID_BYTES];

	if (gethostname(host, sizeof(host) - 1) < 0 || !queue_id_ok(host, strlen(host)))
		strcpy(host, "host");
	if (job_id_make(id) < 0)
		return -EIO;
	snprintf(w->name, sizeof(w->name), "%s-%d-%.12s", host, (int)getpid(), id);
	return 0;
}

int redis_stream_new(const struct redis_stream_config *c, struct redis_stream **ret,
		     struct err *err)
{
	struct redis_stream *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return err_set(err, ENOMEM, "make the worker");
	w->config = *c;
	TAILQ_INIT(&w->jobs);
	w->credit = queue_priorities[0].weight;
	r = name_it(w);
	if (r < 0)
		err_set(err, r, "name the worker");
	if (r == 0)
		r = open_links(w, err);
	if (r == 0 && (r = stream_lease_start(w)) < 0)
		err_set(err, r, "make the worker");
	if (r < 0) {
		redis_stream_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

void redis_stream_drain(struct redis_stream *w, void (*on_empty)(void *user), void *user)
{
	struct stream_job *j, *next;

	w->draining = true;
	w->on_empty = on_empty;
	w->empty_user = user;
	stream_lease_beat(w); /* gates count it no more */
	for (j = TAILQ_FIRST(&w->jobs); j; j = next) {
		next = TAILQ_NEXT(j, link);
		if (j->stage == STREAM_CHECKING ||
		    (j->job && desk_job_state(j->job, NULL) == DESK_WAITING))
			stream_job_give(j, true);
	}
}

void redis_stream_free(struct redis_stream *w)
{
	struct stream_job *j;

	if (!w)
		return;
	redis_link_free(w->commands);
	redis_link_free(w->reads);
	redis_link_free(w->listener);
	w->commands = w->reads = w->listener = NULL;
	loop_source_drop(&w->tick);
	while ((j = TAILQ_FIRST(&w->jobs)))
		stream_job_free(j);
	free(w->suspects);
	free(w);
}

void redis_stream_count(const struct redis_stream *w, struct redis_stream_counts *ret)
{
	*ret = w->counts;
	ret->held = w->held;
}

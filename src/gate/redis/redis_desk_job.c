/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that somebody here waits for.  One object per id, made before anything is asked about it, so that a notice of
 * its end that overtakes the answer finds it.  Truth is in Redis: a notice only makes us look, and who waits is looked
 * up again whenever a notice may have been missed.
 *
 * A synchronous job belongs to those who wait: each of them is counted in Redis where a key may have brought several,
 * and the last to leave cancels it, whichever gate he stood at.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "codec/result_json.h"
#include "gate/redis/redis_desk_parts.h"

/* ---- by id ---- */

static int compare(const void *a, const void *b)
{
	const struct redis_job *x = a, *y = b;

	return strcmp(x->id, y->id);
}

struct redis_job *redis_job_by_id(struct redis_desk *d, const char *id)
{
	struct redis_job sample = { .desk = d };
	void *node;

	if (strlen(id) >= sizeof(sample.id))
		return NULL;
	strcpy(sample.id, id);
	node = tfind(&sample, &d->by_id, compare);
	return node ? *(struct redis_job **)node : NULL;
}

struct redis_job *redis_job_get(struct redis_desk *d, const char *id)
{
	struct redis_job *j = redis_job_by_id(d, id);

	if (!j) {
		j = calloc(1, sizeof(*j));
		if (!j || strlen(id) >= sizeof(j->id)) {
			free(j);
			return NULL;
		}
		strcpy(j->id, id);
		if (!tsearch(j, &d->by_id, compare)) {
			free(j);
			return NULL;
		}
		j->base.ops = d->base.ops;
		j->desk = d;
		j->position = DESK_PLACE_UNKNOWN;
		TAILQ_INIT(&j->watches);
		TAILQ_INSERT_TAIL(&d->jobs, j, link);
	}
	j->refs++;
	return j;
}

void redis_job_put(struct redis_job *j)
{
	if (!j)
		return;
	j->refs--;
	redis_job_touch(j);
}

void redis_job_touch(struct redis_job *j)
{
	if (!j->touched)
		TAILQ_INSERT_TAIL(&j->desk->touched, j, touch);
	j->touched = true;
	redis_desk_wake(j->desk);
}

static void free_watch(struct redis_watch *w)
{
	if (w->job->desk->commands)
		redis_link_forget(w->job->desk->commands, w);
	TAILQ_REMOVE(&w->job->watches, w, link);
	free(w);
}

void redis_job_free(struct redis_job *j)
{
	struct redis_desk *d = j->desk;
	struct redis_watch *w;

	while ((w = TAILQ_FIRST(&j->watches)))
		free_watch(w);
	if (d->commands && j->asking)
		redis_link_forget(d->commands, j);
	redis_events_follow(j, false);
	if (j->touched)
		TAILQ_REMOVE(&d->touched, j, touch);
	TAILQ_REMOVE(&d->jobs, j, link);
	tdelete(j, &d->by_id, compare);
	free(j->result);
	free(j);
}

/* ---- its end ---- */

int redis_job_take_result(struct redis_job *j, const redisReply *reply)
{
	char *copy;

	if (j->result)
		return 0;
	copy = strndup(reply->str, reply->len);
	if (!copy)
		return -ENOMEM;
	j->result = copy;
	j->result_len = reply->len;
	j->state = DESK_OVER;
	redis_events_follow(j, false);
	redis_job_touch(j);
	return 0;
}

/* Redis was emptied, or came back without what it had: nobody waits for ever. */
static void lost(struct redis_job *j)
{
	char *json = NULL;
	size_t len = 0;

	log_event(LOG_LEVEL_ERROR, "job lost by the queue job=%s", j->id);
	if (result_json_encode_failure(j->id,
				       "Internal error: the queue does not know the job any more.",
				       &json, &len) < 0)
		return;
	j->result = json;
	j->result_len = len - (len > 0 && json[len - 1] == '\n');
	json[j->result_len] = '\0';
	j->state = DESK_OVER;
	redis_events_follow(j, false);
	redis_job_touch(j);
}

static void on_there(void *user, const redisReply *reply)
{
	struct redis_job *j = user;

	j->there = !redis_ok(reply) || reply->integer > 0;
}

static void on_result(void *user, const redisReply *reply)
{
	struct redis_job *j = user;

	j->asking = false;
	if (!redis_ok(reply) || j->result)
		return; /* asked again at the next occasion */
	if (reply->type == REDIS_REPLY_STRING)
		redis_job_take_result(j, reply);
	else if (!j->there && !TAILQ_EMPTY(&j->watches))
		lost(j);
	else if (j->hint)
		redis_job_check(j);
}

void redis_job_check(struct redis_job *j)
{
	struct redis_desk *d = j->desk;
	struct redis_batch b = { .data = NULL };

	j->hint = j->asking; /* said while an answer is under way: ask once more */
	if (j->asking || j->result)
		return;
	if (redis_link_ask(d->commands, on_there, j, "EXISTS %s",
			   queue_key(d->config.queue, "job", j->id).text) < 0)
		return;
	j->asking = true;
	redis_batch_add(&b, "GET %s", queue_key(d->config.queue, "result", j->id).text);
	if (redis_link_batch(d->commands, &b, on_result, j) < 0) {
		redis_link_forget(d->commands, j);
		j->asking = false;
	}
}

/* ---- telling ---- */

static void tell(struct redis_watch *w)
{
	const struct redis_job *j = w->job;
	const struct desk_event event = { DESK_EV_RESULT,
					  w->result_seq ? w->result_seq : w->seq + 1, j->result,
					  j->result_len };

	if (w->events && !w->complete) {
		redis_events_rest(w);
		return;
	}
	w->ended = true;
	w->on_event(w->user, &event);
}

void redis_job_turn(struct redis_job *j)
{
	struct redis_watch *w, *next;

	for (w = TAILQ_FIRST(&j->watches); w; w = TAILQ_NEXT(w, link))
		if (j->state == DESK_OVER && !w->ended)
			tell(w);
	for (w = TAILQ_FIRST(&j->watches); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->dead)
			free_watch(w);
	}
	if (TAILQ_EMPTY(&j->watches) && j->refs == 0)
		redis_job_free(j);
}

/* ---- watching ---- */

struct desk_watch *redis_job_watch(struct desk_job *job, uint64_t after_seq,
				   void (*on_event)(void *user, const struct desk_event *event),
				   void *user)
{
	struct redis_job *j = (struct redis_job *)job;
	struct redis_watch *w = malloc(sizeof(*w));

	if (!w)
		return NULL;
	*w = (struct redis_watch){
		.base.ops = job->ops, .job = j, .on_event = on_event, .user = user
	};
	w->events = j->events && after_seq != DESK_RESULT_ONLY;
	w->seq = after_seq == DESK_RESULT_ONLY ? 0 : after_seq;
	TAILQ_INSERT_TAIL(&j->watches, w, link);
	j->desk->nwatches++;
	redis_job_touch(j);
	if (w->events && j->state != DESK_OVER)
		redis_events_follow(j, true);
	return &w->base;
}

void redis_job_unwatch(struct desk_watch *watch, bool cancel)
{
	struct redis_watch *w = (struct redis_watch *)watch, *other;
	struct redis_job *j = w->job;
	bool followed = false;

	w->ended = w->dead = true;
	j->desk->nwatches--;
	redis_job_touch(j); /* frees it */
	for (other = TAILQ_FIRST(&j->watches); other; other = TAILQ_NEXT(other, link))
		followed = followed || (other->events && !other->dead);
	if (!followed)
		redis_events_follow(j, false);
	if (cancel && j->sync && j->state != DESK_OVER)
		redis_job_leave(j);
}

/* ---- cancelling ---- */

/* The key for whoever begins it later, however late, the message for whoever runs it now. */
static void cancel(struct redis_desk *d, const char *id)
{
	struct redis_batch b = { .data = NULL };

	redis_batch_add(&b, "SET %s 1 PX %llu", queue_key(d->config.queue, "cancel", id).text,
			(unsigned long long)(QUEUE_HOLD_MS + d->config.keep_ms));
	redis_batch_add(&b, "PUBLISH %s %s", queue_key(d->config.queue, "cancel", NULL).text, id);
	if (redis_link_batch(d->commands, &b, NULL, NULL) < 0)
		log_event(LOG_LEVEL_WARNING, "job not cancelled, Redis is away job=%s", id);
}

void redis_job_cancel(struct desk_job *job)
{
	struct redis_job *j = (struct redis_job *)job;

	if (j->state != DESK_OVER)
		cancel(j->desk, j->id);
}

struct redis_leave { /* the job may be gone from here before the answer comes */
	LIST_ENTRY(redis_leave) link;
	struct redis_desk *desk;
	char id[QUEUE_ID_MAX + 1];
};

static void free_leave(struct redis_leave *l)
{
	LIST_REMOVE(l, link);
	free(l);
}

void redis_job_leave_done(struct redis_desk *d)
{
	while (!LIST_EMPTY(&d->leaves))
		free_leave(LIST_FIRST(&d->leaves));
}

/* Whoever comes with the key finds nobody waiting, and makes another job of it. */
static void on_left(void *user, const redisReply *reply)
{
	struct redis_leave *l = user;

	if (redis_ok(reply) && reply->integer <= 0)
		cancel(l->desk, l->id);
	free_leave(l);
}

void redis_job_leave(struct redis_job *j)
{
	struct redis_desk *d = j->desk;
	struct redis_leave *l;

	if (!j->keyed) {
		cancel(d, j->id);
		return;
	}
	l = malloc(sizeof(*l));
	if (!l)
		return; /* it runs to its end, and nobody reads it */
	l->desk = d;
	memcpy(l->id, j->id, sizeof(l->id));
	LIST_INSERT_HEAD(&d->leaves, l, link);
	if (redis_link_ask(d->commands, on_left, l, "HINCRBY %s watchers -1",
			   queue_key(d->config.queue, "job", j->id).text) < 0)
		free_leave(l);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A task in our hands: decoded, kept until its time, given to the desk, ended.  What our own decoder or planner refuses is
 * a result like any other, as a Python task would return it; an exception is what Celery itself, or this worker in
 * Celery's place, has to say: a bad call, a chord, a time limit, a revocation.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "codec/result_json.h"
#include "gate/celery/celery_private.h"
#include "gate/celery/celery_time.h"

#define FOLLOWERS_MAX 256
#define UNREADABLE_KEPT "999" /* and one more */
#define EVENT_TEXT_MAX 256

static const struct celery_refusal revoked_why = { "TaskRevokedError", "celery.exceptions",
						   "revoked" };
static const struct celery_refusal expired_why = { "TaskRevokedError", "celery.exceptions",
						   "expired" };
static const struct celery_refusal terminated_why = { "TaskRevokedError", "celery.exceptions",
						      "terminated" };

/* ---- the end ---- */

static void leave_wait(struct celery_held *h)
{
	loop_source_drop(&h->timer);
	if (h->stage != HELD_ETA)
		return;
	h->stage = HELD_ASKED;
	h->worker->eta_bytes -= h->raw_len;
	h->worker->busy++;
}

void celery_run_end(struct celery_held *h)
{
	struct celery_worker *w = h->worker;

	leave_wait(h);
	w->busy--;
	TAILQ_REMOVE(&w->held, h, entry);
	desk_forget(w->config.desk, h);
	if (h->watch)
		desk_unwatch(h->watch, true);
	redis_link_forget(w->broker, h);
	redis_link_forget(w->backend, h);
	if (w->cache)
		redis_link_forget(w->cache, h);
	celery_task_done(&h->task);
	free(h->raw);
	free(h->meta);
	free(h->result);
	free(h);
	if (w->draining && TAILQ_EMPTY(&w->held) && w->on_empty)
		w->on_empty(w->empty_user);
	else
		celery_take(w);
}

/* No memory for it: it stays unacknowledged, and comes again. */
static void no_memory(struct celery_held *h)
{
	log_event(LOG_LEVEL_ERROR, "celery: no memory for task=%s", h->task.id);
	celery_lease_return(h);
}

static void tell_end(struct celery_held *h, const char *status, const struct celery_refusal *e)
{
	struct celery_event event = { .task = &h->task };
	char text[EVENT_TEXT_MAX];

	if (!e) {
		event.kind = CELERY_EV_SUCCEEDED;
		event.text = text;
		snprintf(text, sizeof(text), "a result of %zu bytes", h->result_len);
		event.runtime_sec = h->begun > 0 ? celery_time_now() - h->begun : 0;
	} else if (!strcmp(status, "REVOKED")) {
		event.kind = CELERY_EV_REVOKED;
		event.expired = e == &expired_why;
		event.terminated = e == &terminated_why;
	} else {
		event.kind = CELERY_EV_FAILED;
		event.text = e->text;
	}
	celery_tell(h->worker, &event);
	h->worker->self.processed++;
}

void celery_run_refuse(struct celery_held *h, const char *status, const struct celery_refusal *e)
{
	const char *followers[FOLLOWERS_MAX];
	size_t n;

	leave_wait(h);
	free(h->meta);
	h->meta = NULL;
	if (celery_result_exception(&h->task, h->task.id, status, e, &h->meta, &h->meta_len) < 0) {
		no_memory(h);
		return;
	}
	n = celery_task_followers(&h->task, followers, FOLLOWERS_MAX);
	for (size_t i = 0; i < n; i++)
		celery_store_follower(h, followers[i], e);
	log_event(LOG_LEVEL_INFO, "celery: task=%s %s: %s: %s", h->task.id, status, e->exc_type,
		  e->text);
	tell_end(h, status, e);
	celery_store(h);
}

static void succeed(struct celery_held *h, const char *json, size_t len)
{
	while (len > 0 && json[len - 1] == '\n')
		len--;
	h->result = malloc(len + 1);
	if (!h->result || celery_result_success(&h->task, json, len, &h->meta, &h->meta_len) < 0) {
		no_memory(h);
		return;
	}
	memcpy(h->result, json, len);
	h->result[len] = '\0';
	h->result_len = len;
	tell_end(h, "SUCCESS", NULL);
	celery_store(h);
}

/* ---- with the desk ---- */

static void on_event(void *user, const struct desk_event *e)
{
	struct celery_held *h = user;

	if (e->kind != DESK_EV_RESULT)
		return;
	desk_unwatch(h->watch, false);
	h->watch = NULL;
	loop_source_drop(&h->timer);
	succeed(h, e->json, e->len);
}

static int on_limit(sd_event_source *source, uint64_t usec, void *user)
{
	struct celery_held *h = user;
	bool soft = h->task.soft_sec > 0 &&
		    (h->task.hard_sec <= 0 || h->task.soft_sec < h->task.hard_sec);
	struct celery_refusal e = {
		.exc_type = soft ? "SoftTimeLimitExceeded" : "TimeLimitExceeded",
		.exc_module = "billiard.exceptions",
	};

	snprintf(e.text, sizeof(e.text), "%g", soft ? h->task.soft_sec : h->task.hard_sec);
	loop_source_drop(&h->timer);
	desk_unwatch(h->watch, true);
	h->watch = NULL;
	celery_run_refuse(h, "FAILURE", &e);
	return 0;
}

static void limit_it(struct celery_held *h)
{
	double sec = h->task.hard_sec;
	uint64_t usec;

	if (h->task.soft_sec > 0 && (sec <= 0 || h->task.soft_sec < sec))
		sec = h->task.soft_sec;
	if (sec <= 0 || sec > 1e9)
		return;
	usec = clock_now_nsec() / 1000 + (uint64_t)(sec * 1e6);
	if (sd_event_add_time(h->worker->config.loop, &h->timer, CLOCK_MONOTONIC, usec, 1000,
			      on_limit, h) < 0)
		log_event(LOG_LEVEL_ERROR, "celery: task=%s runs without its time limit",
			  h->task.id);
}

static void accepted(struct celery_held *h, struct desk_job *job)
{
	const struct celery_event started = { .kind = CELERY_EV_STARTED, .task = &h->task };

	h->job = job;
	h->stage = HELD_RUNNING;
	h->begun = celery_time_now();
	h->watch = desk_watch(job, 0, on_event, h);
	if (!h->watch) {
		desk_cancel(job);
		no_memory(h);
		return;
	}
	log_event(LOG_LEVEL_INFO, "celery: task=%s job=%s", h->task.id, desk_job_id(job));
	limit_it(h);
	celery_store_started(h);
	celery_tell(h->worker, &started);
}

static void refused(struct celery_held *h, const struct refusal *refusal)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (result_json_encode_refusal(refusal, &text, &len) < 0)
		no_memory(h);
	else
		succeed(h, text, len);
}

static void failed(struct celery_held *h, const struct err *err)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	log_event(LOG_LEVEL_ERROR, "celery: task=%s: %s", h->task.id, err->text);
	if (result_json_encode_failure(NULL, err->text, &text, &len) < 0)
		no_memory(h);
	else
		succeed(h, text, len);
}

static void on_answer(void *user, const struct desk_answer *a)
{
	struct celery_held *h = user;

	switch (a->kind) {
	case DESK_ACCEPTED:
	case DESK_KNOWN: accepted(h, a->job); break;
	case DESK_REFUSED: refused(h, &a->refusal); break;
	case DESK_FAILED: failed(h, &a->err); break;
	default: celery_lease_return(h); break; /* full, or it ends: somebody else's */
	}
}

static void begin(struct celery_held *h)
{
	static const struct desk_tenant nobody = { .name = "" };
	const struct desk_ask ask = { .body = h->task.request,
				      .len = h->task.request_len,
				      .tenant = &nobody,
				      .quiet = true };
	struct err err = ERR_INIT;

	h->stage = HELD_ASKED;
	if (h->task.expires > 0 && celery_time_now() >= h->task.expires)
		celery_run_refuse(h, "REVOKED", &expired_why);
	else if (desk_submit(h->worker->config.desk, &ask, on_answer, h, &err) < 0)
		failed(h, &err);
}

/* ---- the beginning ---- */

static int on_time(sd_event_source *source, uint64_t usec, void *user)
{
	struct celery_held *h = user;

	leave_wait(h);
	begin(h);
	return 0;
}

/* Until its time, or until it expires if that is sooner: then its caller hears at once. */
static void wait_for_time(struct celery_held *h)
{
	double when = h->task.eta;

	if (h->task.expires > 0 && h->task.expires < when)
		when = h->task.expires;
	h->stage = HELD_ETA;
	h->worker->busy--;
	h->worker->eta_bytes += h->raw_len;
	if (when > 1e11 || sd_event_add_time(h->worker->config.loop, &h->timer, CLOCK_REALTIME,
					     (uint64_t)(when * 1e6), 1000, on_time, h) < 0) {
		leave_wait(h);
		celery_lease_return(h);
	}
}

/* There is no id to tell anybody by: kept aside for an operator, as the newest of so many. */
static void put_aside(struct celery_held *h, const struct celery_refusal *e)
{
	struct celery_worker *w = h->worker;

	log_event(LOG_LEVEL_ERROR, "celery: a message cannot be read and is put aside queue=%s: %s",
		  w->config.queues[h->queue], e->text);
	redis_link_ask(w->broker, NULL, NULL, "LPUSH kodewar:unreadable %b", h->raw, h->raw_len);
	redis_link_ask(w->broker, NULL, NULL, "LTRIM kodewar:unreadable 0 " UNREADABLE_KEPT);
	celery_lease_ack(h);
}

static void received(struct celery_held *h)
{
	const struct celery_event event = { .kind = CELERY_EV_RECEIVED, .task = &h->task };

	celery_tell(h->worker, &event);
	if (celery_revoked(h->worker, h->task.id))
		celery_run_refuse(h, "REVOKED", &revoked_why);
	else if (h->task.eta > celery_time_now())
		wait_for_time(h);
	else
		begin(h);
}

void celery_run_new(struct celery_worker *w, const char *tag, size_t list, char *raw, size_t len)
{
	struct celery_held *h = calloc(1, sizeof(*h));
	struct celery_refusal e;

	if (!h) {
		free(raw);
		return; /* it comes again */
	}
	h->worker = w;
	h->raw = raw;
	h->raw_len = len;
	h->queue = list / CELERY_STEPS;
	h->step = (unsigned)(list % CELERY_STEPS);
	snprintf(h->tag, sizeof(h->tag), "%s", tag);
	h->stage = HELD_ASKED;
	TAILQ_INSERT_TAIL(&w->held, h, entry);
	w->busy++;
	switch (celery_message_decode(raw, len, &w->config.signature, &h->task, &e)) {
	case CELERY_TASK: received(h); break;
	case CELERY_REFUSED: celery_run_refuse(h, "FAILURE", &e); break;
	case CELERY_UNREADABLE: put_aside(h, &e); break;
	default: no_memory(h); break;
	}
}

/* ---- from outside ---- */

bool celery_run_revoke(struct celery_worker *w, const char *id, bool terminate)
{
	struct celery_held *h;

	for (h = TAILQ_FIRST(&w->held); h; h = TAILQ_NEXT(h, entry)) {
		if (strcmp(h->task.id, id) != 0)
			continue;
		if (h->stage == HELD_ETA) {
			celery_run_refuse(h, "REVOKED", &revoked_why);
		} else if (h->stage == HELD_RUNNING && terminate) {
			loop_source_drop(&h->timer);
			desk_unwatch(h->watch, true);
			h->watch = NULL;
			celery_run_refuse(h, "REVOKED", &terminated_why);
		}
		return true;
	}
	return false;
}

void celery_run_return(struct celery_worker *w, bool all)
{
	struct celery_held *h;

	for (h = TAILQ_FIRST(&w->held); h; h = TAILQ_NEXT(h, entry)) {
		if (h->stage == HELD_ETA) {
			leave_wait(h);
			celery_lease_return(h);
		} else if (all && (h->stage == HELD_ASKED || h->stage == HELD_RUNNING)) {
			loop_source_drop(&h->timer);
			desk_forget(w->config.desk, h);
			if (h->watch)
				desk_unwatch(h->watch, true);
			h->watch = NULL;
			celery_lease_return(h);
		}
	}
}

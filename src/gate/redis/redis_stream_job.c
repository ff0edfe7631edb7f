/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One job of a stream in this worker's hands:
 *
 *   taken ─▶ CHECKING ─▶ ASKED ─▶ RUNNING ─▶ STORING ─▶ gone          result, acknowledgement
 *               │  │        │        └──────▶ GIVING ──▶ gone          this host failed, or drains
 *               │  └────────┴───────────────▶ BURYING ─▶ gone          delivered too often
 *               └───────────────────────────▶ DROPPING ▶ gone          it is over already
 *
 * What its stage wants of Redis is said by redis_stream_store.c, again and again until it is answered: a job leaves
 * these hands only when Redis has taken its result and its acknowledgement together.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "codec/result_json.h"
#include "gate/redis/redis_stream_private.h"

/* ---- the end ---- */

void stream_job_free(struct stream_job *j)
{
	struct redis_stream *w = j->worker;

	if (j->watch)
		desk_unwatch(j->watch, true);
	else if (j->stage == STREAM_ASKED)
		desk_forget(w->config.desk, j);
	if (w->commands)
		redis_link_forget(w->commands, j);
	TAILQ_REMOVE(&w->jobs, j, link);
	w->held--;
	free(j->payload);
	free(j->result);
	free(j);
}

/* Takes the text over; NULL: it could not be made, and another may try. */
static void end_as(struct stream_job *j, enum stream_stage stage, const char *kind, char *json,
		   size_t len)
{
	if (json && len && json[len - 1] == '\n')
		json[--len] = '\0';
	free(j->result);
	j->result = json;
	j->result_len = len;
	j->kind = kind;
	j->stage = json ? stage : STREAM_GIVING;
	stream_store_go(j);
}

static void end_with_failure(struct stream_job *j, enum stream_stage stage, const char *kind,
			     const char *error)
{
	char *json = NULL;
	size_t len = 0;

	if (result_json_encode_failure(j->id, error, &json, &len) < 0)
		json = NULL;
	end_as(j, stage, kind, json, len);
}

/* Who waits for it is told as well. */
static void bury(struct stream_job *j, const char *reason)
{
	char text[sizeof(j->reason) + 64];

	snprintf(j->reason, sizeof(j->reason), "%s", reason);
	log_event(LOG_LEVEL_ERROR, "job dead job=%s entry=%s deliveries=%u reason=%s", j->id,
		  j->entry, j->deliveries, reason);
	snprintf(text, sizeof(text), "Internal error: the job is a dead letter: %s.", reason);
	end_with_failure(j, STREAM_BURYING, "dead", text);
}

void stream_job_give(struct stream_job *j, bool uncounted)
{
	if (j->watch)
		desk_unwatch(TAKE_PTR(j->watch), true);
	else if (j->stage == STREAM_ASKED)
		desk_forget(j->worker->config.desk, j);
	j->job = NULL;
	j->uncounted = uncounted;
	j->stage = STREAM_GIVING;
	stream_store_go(j);
}

static void end_refused(struct stream_job *j, const struct refusal *refusal)
{
	char *json = NULL;
	size_t len = 0;

	log_event(LOG_LEVEL_INFO, "job refused job=%s field=%s", j->id, refusal->field);
	if (result_json_encode_refusal(refusal, &json, &len) < 0)
		json = NULL;
	end_as(j, STREAM_STORING, "refused", json, len);
}

/* ---- what the desk tells ---- */

/* No string in JSON holds this: its quotes would be escaped there. */
static bool host_failed(const struct desk_event *event)
{
	static const char mark[] = "\"verdict\":\"internal_error\"";

	return memmem(event->json, event->len, mark, sizeof(mark) - 1) != NULL;
}

static void on_result(struct stream_job *j, const struct desk_event *event)
{
	struct redis_stream *w = j->worker;
	char *json;

	desk_unwatch(TAKE_PTR(j->watch), false);
	j->job = NULL;
	if (host_failed(event) && !j->cancelled) {
		if (j->deliveries >= w->config.deliveries_max)
			bury(j, "this host failed, as the ones before");
		else
			stream_job_give(j, false);
		return;
	}
	json = strndup(event->json, event->len);
	end_as(j, STREAM_STORING, j->cancelled ? "cancelled" : "judged", json, event->len);
}

static void on_event(void *user, const struct desk_event *event)
{
	struct stream_job *j = user;

	stream_store_event(j, event);
	if (event->kind == DESK_EV_RESULT)
		on_result(j, event);
}

static void on_accepted(struct stream_job *j, struct desk_job *job)
{
	j->job = job;
	j->watch = desk_watch(job, 0, on_event, j);
	if (!j->watch) {
		desk_cancel(job);
		stream_job_give(j, true);
		return;
	}
	j->stage = STREAM_RUNNING;
	if (j->cancelled)
		desk_cancel(job);
}

static void on_answer(void *user, const struct desk_answer *a)
{
	struct stream_job *j = user;

	if (a->kind == DESK_ACCEPTED) {
		on_accepted(j, a->job);
		return;
	}
	j->stage = STREAM_CHECKING; /* the desk has nothing of it any more */
	if (a->kind == DESK_REFUSED)
		end_refused(j, &a->refusal);
	else
		stream_job_give(j, true);
}

/* ---- the beginning ---- */

struct stream_job *stream_job_by_entry(struct redis_stream *w, unsigned priority, const char *entry)
{
	struct stream_job *j;

	for (j = TAILQ_FIRST(&w->jobs); j; j = TAILQ_NEXT(j, link))
		if (j->priority == priority && strcmp(j->entry, entry) == 0)
			return j;
	return NULL;
}

void stream_job_cancel(struct redis_stream *w, const char *id, size_t len)
{
	struct stream_job *j;

	for (j = TAILQ_FIRST(&w->jobs); j; j = TAILQ_NEXT(j, link)) {
		if (strlen(j->id) != len || memcmp(j->id, id, len) != 0 || j->cancelled)
			continue;
		j->cancelled = true;
		if (j->job)
			desk_cancel(j->job);
	}
}

void stream_job_begin(struct redis_stream *w, unsigned priority, const char *entry,
		      const redisReply *fields, bool claimed)
{
	struct stream_job *j;

	if (stream_job_by_entry(w, priority, entry))
		return; /* ours still, and the lease is renewed by having been claimed */
	j = calloc(1, sizeof(*j));
	if (!j || stream_entry_read(j, entry, fields) < 0) {
		free(j);
		return; /* another's when the lease is over */
	}
	j->worker = w;
	j->priority = priority;
	j->claimed = claimed;
	j->deliveries = 1;
	TAILQ_INSERT_TAIL(&w->jobs, j, link);
	w->held++;
	w->counts.taken_over += claimed;
	stream_store_go(j);
}

/* Another entry of the same id is in our hands, and its result will be this one's. */
static bool has_twin(const struct stream_job *j)
{
	const struct stream_job *other;

	for (other = TAILQ_FIRST(&j->worker->jobs); other; other = TAILQ_NEXT(other, link))
		if (other != j && strcmp(other->id, j->id) == 0 && other->stage >= STREAM_ASKED &&
		    other->stage <= STREAM_STORING)
			return true;
	return false;
}

/* All that Redis knows about it is known. */
static void submit(struct stream_job *j)
{
	const struct desk_tenant tenant = {
		.name = j->tenant, .concurrency = j->boxes, .caps = &j->caps, .defaults = &j->limits
	};
	const struct desk_ask ask = { .body = j->payload,
				      .len = j->payload_len,
				      .tenant = &tenant,
				      .quiet = !j->events,
				      .tell_output = j->output,
				      .deadline_ms =
					      j->deadline_ms ? j->deadline_ms - j->late_ms : 0,
				      .trace = *j->trace ? j->trace : NULL,
				      .id = j->id };
	struct refusal refusal = { 0 };
	struct err err = ERR_INIT;

	if (j->wrong) {
		stream_entry_rule(j, &refusal);
		end_refused(j, &refusal);
		return;
	}
	j->stage = STREAM_ASKED;
	if (desk_submit(j->worker->config.desk, &ask, on_answer, j, &err) < 0) {
		j->stage = STREAM_CHECKING;
		stream_job_give(j, true);
	}
}

void stream_job_checked(struct stream_job *j)
{
	struct redis_stream *w = j->worker;

	if (j->over) {
		j->stage = STREAM_DROPPING;
		stream_store_go(j);
	} else if (w->draining) {
		stream_job_give(j, true);
	} else if (j->cancelled) {
		end_with_failure(j, STREAM_STORING, "cancelled",
				 "Internal error: the job was cancelled before it began.");
	} else if (j->deadline_ms && j->late_ms >= j->deadline_ms) {
		end_with_failure(j, STREAM_STORING, "judged",
				 "Internal error: the job was not begun before its deadline.");
	} else if (j->deliveries > w->config.deliveries_max) {
		bury(j, "its workers died or fell silent each time");
	} else if (!has_twin(j)) { /* else it is looked at again at the next tick */
		submit(j);
	}
}

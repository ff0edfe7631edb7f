/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One job from its plan to its result.  A durable job ends when its result is on disk, and only then is it told:
 * whoever was told a result finds the same one after a power cut.  Before its first box the journal
 * counts a try, on disk as well, so that a job that takes this service down with it does so three times at most.
 * A job whose host failed (a lane, the warden) is tried again, in this life or in the next.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "codec/request_json.h"
#include "codec/result_json.h"
#include "gate/cli/cli_audit.h"
#include "gate/desk/desk_parts.h"
#include "gate/desk/desk_plan.h"
#include "kernel/seccomp_compile.h"

#define RETRY_USEC 1000000u
#define RECORD_TRIES 5u /* to write a result down, a second apart; then it is told all the same */
#define USEC_PER_SEC 1000000u

static const struct result_json_options json_options = { .syscall_name = seccomp_syscall_name };

/* ---- the end ---- */

static void finish(struct local_job *j)
{
	struct local_desk *d = j->desk;

	if (j->begun_nsec)
		d->job_nsec = (7 * d->job_nsec + (clock_now_nsec() - j->begun_nsec)) / 8;
	j->result_seq = ++j->last_seq;
	desk_store_retire(j);
	desk_events_dirty(j);
}

static void record(struct local_job *j);

static int on_record_timer(sd_event_source *s, uint64_t usec, void *user)
{
	record(user);
	return 0;
}

static void on_recorded(void *user, int result, const struct journal_entry *entry)
{
	struct local_job *j = user;

	if (result >= 0 ||
	    result == -ENOENT) { /* -ENOENT: its file was moved aside; told in the log */
		finish(j);
		return;
	}
	log_event(LOG_LEVEL_ERROR, "result not recorded job=%s error=%d", j->id, result);
	loop_source_drop(&j->timer);
	if (++j->record_tries >= RECORD_TRIES ||
	    sd_event_add_time_relative(j->desk->config.loop, &j->timer, CLOCK_MONOTONIC, RETRY_USEC,
				       0, on_record_timer, j) < 0)
		finish(j);
}

static void record(struct local_job *j)
{
	int r;

	j->stage = STAGE_RECORDING;
	r = journal_end(j->desk->config.journal, j->id, j->result, j->result_len, on_recorded, j);
	if (r < 0)
		on_recorded(j, r, NULL);
}

/* Takes the text over; NULL: it could not be made. */
static void settle(struct local_job *j, enum verdict verdict, char *json, size_t len)
{
	static const char nothing[] =
		"{\"status\":\"error\",\"output\":\"\",\"error\":\"Internal error: "
		"out of memory.\",\"test_results\":[],"
		"\"verdict\":\"internal_error\"}";

	if (json && len && json[len - 1] == '\n')
		json[--len] = '\0';
	if (!json) {
		json = strdup(nothing);
		len = json ? sizeof(nothing) - 1 : 0;
	}
	engine_count_job(j->desk->config.engine, verdict, j->cancelled);
	j->result = json;
	j->result_len = len;
	loop_source_drop(&j->timer);
	/* While the disk is slow or full, results that are not on it yet take the room of new jobs. */
	arena_done(&j->arena);
	desk_store_weigh(j, j->body_len + len);
	if (j->durable && j->desk->config.journal)
		record(j);
	else
		finish(j);
}

void desk_life_fail(struct local_job *j, const char *error)
{
	char *json = NULL;
	size_t len = 0;

	log_event(LOG_LEVEL_ERROR, "job failed job=%s error=%s", j->id, error);
	if (result_json_encode_failure(j->id, error, &json, &len) < 0)
		json = NULL;
	settle(j, VERDICT_INTERNAL_ERROR, json, len);
}

void desk_life_leave(struct local_job *j)
{
	j->stage = STAGE_LEFT;
	j->desk->nleft++;
	loop_source_drop(&j->timer);
	desk_wake(j->desk);
}

/* ---- what the engine tells ---- */

static void on_counted(void *user, int result, const struct journal_entry *entry)
{
	struct local_job *j = user;

	if (result < 0)
		log_event(LOG_LEVEL_WARNING, "try not counted job=%s error=%d", j->id, result);
	if (j->job)
		engine_clear(j->desk->config.engine, j->job);
}

static bool on_next(void *user)
{
	struct local_job *j = user;

	j->tries++;
	if (!j->durable || j->counted)
		return true;
	return journal_begin(j->desk->config.journal, j->id, on_counted, j) < 0;
}

static void on_begin(void *user, enum step_kind kind)
{
	struct local_job *j = user;

	if (!j->begun_nsec)
		j->begun_nsec = clock_now_nsec();
	j->begun = true;
	desk_events_add(j, kind == STEP_COMPILE ? DESK_EV_COMPILING : DESK_EV_RUNNING, "{}", 2);
}

static void on_case(void *user, const struct result *result, size_t index)
{
	struct local_job *j = user;
	char *json;
	size_t len;

	if (j->quiet || j->request.ntests == 0)
		return;
	if (result_json_encode_case(result, index, &json_options, &json, &len) < 0)
		return; /* the result will tell it */
	desk_events_add(j, DESK_EV_CASE, json, len - 1);
	free(json);
}

static void on_output(void *user, int test, int stream, const char *data, size_t len)
{
	desk_events_output(user, test, stream, data, len);
}

static int on_retry(sd_event_source *s, uint64_t usec, void *user)
{
	struct local_job *j = user;

	loop_source_drop(&j->timer);
	desk_life_go(j, true);
	return 0;
}

/* This host failed, not their program. A durable job has more than one try. */
static bool try_again(struct local_job *j, const struct result *result)
{
	if (!j->durable || j->cancelled || result->refused || j->tries >= DESK_TRIES ||
	    result->verdict != VERDICT_INTERNAL_ERROR || result->checker_failed)
		return false;
	log_event(LOG_LEVEL_WARNING, "job to be tried again job=%s tries=%u error=%s", j->id,
		  j->tries, result->error);
	if (j->desk->draining) {
		desk_life_leave(j);
		return true;
	}
	j->stage = STAGE_RETRY;
	j->begun = j->counted = false;
	if (sd_event_add_time_relative(j->desk->config.loop, &j->timer, CLOCK_MONOTONIC,
				       j->tries * RETRY_USEC, 0, on_retry, j) < 0)
		return false;
	arena_done(&j->arena); /* it is planned anew; the result was in it */
	return true;
}

static void on_done(void *user, const struct result *result)
{
	struct local_job *j = user;
	char *json = NULL;
	size_t len = 0;

	j->job = NULL;
	if (j->left && !j->begun) {
		desk_life_leave(j);
		return;
	}
	cli_audit_result(j->id, result);
	if (try_again(j, result))
		return;
	log_event(LOG_LEVEL_INFO,
		  "job judged job=%s language=%s verdict=%s cases=%zu tenant=%s%s%s", j->id,
		  j->plan.language->name, verdict_names[result->verdict], result->ncases,
		  j->owner->name, j->trace ? " traceparent=" : "", j->trace ? j->trace : "");
	if (result_json_encode(result, &json_options, &json, &len) < 0) {
		desk_life_fail(j, "Internal error: out of memory.");
		return;
	}
	settle(j, result->verdict, json, len);
}

/* ---- the way to the engine ---- */

int desk_life_plan(struct local_job *j, const char *body, size_t len, struct refusal *refusal)
{
	int r = request_json_decode(body, len, &j->arena, &j->request, refusal);

	return r == 0 ? desk_life_plan_decoded(j, refusal) : r;
}

int desk_life_plan_decoded(struct local_job *j, struct refusal *refusal)
{
	const struct desk_config *c = &j->desk->config;
	const struct desk_rules rules = { c->planner, &j->caps, &j->defaults };
	size_t ncases;
	int r;

	r = desk_plan(&rules, &j->request, &j->arena, &j->plan, refusal);
	if (r == 0 && c->check)
		r = c->check(c->check_user, &j->plan, refusal);
	if (r != 0 || !j->tell_output || j->quiet)
		return r;
	ncases = j->request.ntests ? j->request.ntests : 1;
	j->carries = arena_alloc_array(&j->arena, 2 * ncases, sizeof(*j->carries));
	return j->carries ? 0 : -ENOMEM;
}

int desk_life_queue(struct local_job *j, struct err *err)
{
	const struct job_events events = { .on_next = on_next,
					   .on_begin = on_begin,
					   .on_case = on_case,
					   .on_output = j->carries ? on_output : NULL,
					   .on_done = on_done };
	const struct engine_order order = { .plan = &j->plan,
					    .arena = &j->arena,
					    .id = j->id,
					    .live_stdin_fd = -1,
					    .tenant = j->owner->name,
					    .tenant_boxes = j->tenant_boxes,
					    .priority = j->priority,
					    .begin_ms = j->deadline_ms,
					    .events = &events,
					    .user = j };
	int r = engine_submit(j->desk->config.engine, &order, &j->job, err);

	if (r < 0)
		return r;
	j->stage = STAGE_QUEUED;
	desk_events_position(j);
	if (j->cancelled)
		engine_cancel(j->desk->config.engine, j->job);
	return 0;
}

void desk_life_go(struct local_job *j, bool plan)
{
	struct refusal refusal;
	struct err err = ERR_INIT;
	char text[sizeof(refusal.field) + sizeof(refusal.rule) + 64];
	int r = 0;

	if (plan) {
		arena_done(&j->arena);
		arena_init(&j->arena, j->desk->config.job_bytes);
		r = desk_life_plan(j, j->body, j->body_len, &refusal);
	}
	if (r > 0)
		snprintf(text, sizeof(text), "Internal error: it is refused now: %s: %s",
			 refusal.field[0] ? refusal.field : "body", refusal.rule);
	else if (r < 0 || (r = desk_life_queue(j, &err)) < 0)
		snprintf(text, sizeof(text), "Internal error: out of memory.");
	if (r != 0)
		desk_life_fail(j, text);
}

void desk_life_cancel(struct local_job *j)
{
	bool before = j->cancelled;

	j->cancelled = true;
	if (before)
		return;
	if (j->stage == STAGE_QUEUED)
		engine_cancel(j->desk->config.engine, j->job);
	else if (j->stage == STAGE_RETRY)
		desk_life_fail(j, "Internal error: cancelled between two tries.");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that can happen to a job is one of five events, and what it means hangs on the state
 * alone: the table below is the whole life.  An action does its work and answers the next state.
 * Boxes end one by one, in any order; a job is over when nothing runs and nothing more will be
 * begun, and is told so from the engine's own turn of the loop, never from within the backend's
 * callback.
 *
 * The budget (total_wall_ms) is the sum of the wall times of all boxes.  A box that runs alone is
 * stopped by its order's cap.  Where several run at once they spend it together, so that no cap of
 * one of them can be right: a timer then stops all of them when the sum is reached.
 */
#include "engine/job_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "model/groups.h"
#include "model/judge.h"
#include "model/planner.h"

#define USEC_PER_MSEC 1000u
#define TIMER_ACCURACY_USEC 1000u

/* ---- the budget ---- */

static uint64_t budget_left_usec(const struct job *j)
{
	uint64_t total = j->plan->total_wall_ms * USEC_PER_MSEC, used = j->spent_usec;
	uint64_t now = clock_now_nsec();

	for (unsigned i = 0; i < j->backend->lanes; i++)
		if (j->boxes[i].job && j->boxes[i].started_nsec)
			used += (now - j->boxes[i].started_nsec) / 1000;
	return used < total ? total - used : 0;
}

static void kill_boxes(struct job *j, enum box_kill why)
{
	for (unsigned i = 0; i < j->backend->lanes; i++)
		if (j->boxes[i].job)
			j->backend->ops->cancel(j->backend, j->boxes[i].id, why);
}

static void arm_timer(struct job *j);

static int on_timer(sd_event_source *s, uint64_t usec, void *user)
{
	struct job *j = user;

	if (budget_left_usec(j) >= USEC_PER_MSEC) {
		arm_timer(j);
		return 0;
	}
	kill_boxes(j, KILL_TOTAL_WALL);
	job_handle(j, JOB_EV_SPENT);
	return 0;
}

/* Called whenever the number of running boxes changes. Without a timer only the caps are left. */
static void arm_timer(struct job *j)
{
	uint64_t at;
	int r;

	j->shared_budget = j->running > 1 || (j->shared_budget && j->running);
	if (!j->shared_budget) {
		if (j->timer)
			sd_event_source_set_enabled(j->timer, SD_EVENT_OFF);
		return;
	}
	at = clock_now_nsec() / 1000 + budget_left_usec(j) / j->running;
	if (!j->timer) {
		r = sd_event_add_time(j->loop, &j->timer, CLOCK_MONOTONIC, at, TIMER_ACCURACY_USEC,
				      on_timer, j);
	} else {
		r = sd_event_source_set_time(j->timer, at);
		if (r >= 0)
			r = sd_event_source_set_enabled(j->timer, SD_EVENT_ONESHOT);
	}
	if (r < 0)
		log_event(LOG_LEVEL_WARNING, "budget not timed job=%s error=%d", j->result.id, r);
}

/* ---- what boxes tell ---- */

static void on_box_start(void *user)
{
	struct job_box *b = user;

	b->started_nsec = clock_now_nsec();
	arm_timer(b->job);
}

static void on_box_output(void *user, int stream, const char *data, size_t len)
{
	const struct job_box *b = user;

	if (b->talk && stream == 1)
		job_talk_said(b, data, len);
	if (b->step->kind == STEP_RUN && b->job->events.on_output)
		b->job->events.on_output(b->job->user, b->step->test, stream, data, len);
}

static void on_box_eof(void *user)
{
	job_talk_eof(user);
}

/* ---- the end of a box ---- */

/* Whether that decides a step: of two boxes that talk, the second one does. */
static bool record(struct job *j, const struct job_box *ended, struct box_outcome *o)
{
	const struct job_made *m = job_made_by(j, ended->step);
	uint64_t since = ended->started_nsec;

	if (ended->talk)
		return job_talk_ended(j, ended, o);
	job_record(j, ended->step, ended->result, o);
	if (m)
		job_made_keep(j, m);
	job_count_box(j, ended->step, job_repeat_last(ended->step, ended->result), &o->facts,
		      since ? (clock_now_nsec() - since) / 1000 : 0);
	return true;
}

static void on_box_done(void *user, struct box_outcome *outcome, int artefact_fd)
{
	struct job_box ended = *(struct job_box *)user;
	struct job *j = ended.job;
	struct job_made *m = job_made_by(j, ended.step);
	bool decided, good;

	((struct job_box *)user)->job = NULL;
	j->running--;
	j->spent_usec += outcome->facts.wall_usec;
	if (m)
		job_made_take(m, outcome, artefact_fd);
	else if (artefact_fd >= 0)
		close(artefact_fd);
	decided = record(j, &ended, outcome);
	arm_timer(j);
	good = ended.result->checking || ended.result->again ||
	       ended.result->verdict == VERDICT_ACCEPTED;
	if (decided)
		job_handle(j, good ? JOB_EV_GOOD : JOB_EV_BAD);
	j->changed(j->owner, j);
}

/* ---- beginning a box ---- */

static struct job_box *free_box(struct job *j)
{
	for (unsigned i = 0; i < j->backend->lanes; i++)
		if (!j->boxes[i].job)
			return &j->boxes[i];
	return NULL;
}

static int artefact_for(const struct job *j, enum step_kind kind)
{
	switch (kind) {
	case STEP_RUN: return j->made[JOB_PROGRAM].artefact_fd;
	case STEP_CHECK: return j->made[JOB_CHECKER].artefact_fd;
	case STEP_TALK: return j->made[JOB_INTERACTOR].artefact_fd;
	case STEP_COMPILE: break;
	}
	return -1;
}

static const char *language_of(struct job *j, const struct plan_step *step)
{
	const struct job_made *m = job_made_by(j, step);

	if (step->kind == STEP_CHECK)
		return j->plan->checker->language->name;
	if (step->kind == STEP_TALK)
		return j->plan->interactor->language->name;
	return m ? m->plan->language->name : j->plan->language->name;
}

static bool has_more(const struct job *j)
{
	return j->next_case < j->result.ncases || job_cases_has_check(j) || j->nrepeats > 0;
}

/* Of its first run: a reader could not tell one from the next. */
static bool wants_output(const struct job *j, const struct job_box *b)
{
	return b->step->kind == STEP_RUN && !b->result->ran && j->events.on_output;
}

static int submit(struct job *j, struct job_box *b, struct err *err)
{
	bool run = b->step->kind == STEP_RUN;
	struct backend_order order = {
		.step = b->step,
		.artefact_fd = artefact_for(j, b->step->kind),
		.live_stdin_fd = b->talk ? job_talk_stdin(b)
				 : run	 ? j->live_stdin_fd
					 : -1,
		.refill = !j->more(j->owner),
		.more = has_more(j),
		.wall_cap_ms = budget_left_usec(j) / USEC_PER_MSEC,
		.job = j->result.id,
		.language = language_of(j, b->step),
		.on_start = on_box_start,
		.on_output = b->talk || wants_output(j, b) ? on_box_output : NULL,
		.on_eof = b->talk ? on_box_eof : NULL,
		.on_done = on_box_done,
		.user = b,
	};

	if (run && !b->talk)
		j->live_stdin_fd = -1; /* taken over, whatever comes of it */
	return j->backend->ops->submit(j->backend, &order, &b->id, err);
}

static void tell_begin(struct job *j, enum step_kind kind)
{
	bool first = !(j->begun_kinds & 1u << kind);

	if (!j->begun_kinds)
		counters_stage(j->counters, COUNTERS_QUEUE,
			       (clock_now_nsec() - j->submitted_nsec) / 1000);
	j->begun_kinds |= 1u << kind;
	if (first && kind <= STEP_RUN && j->events.on_begin)
		j->events.on_begin(j->user, kind);
}

int job_begin_box(struct job *j, const struct job_box *as, struct err *err)
{
	struct job_box *b = free_box(j);
	int r;

	if (!b)
		return err_set(err, EAGAIN, "no lane is idle");
	*b = *as;
	b->started_nsec = j->backend->tells_start ? 0 : clock_now_nsec();
	r = submit(j, b, err);
	if (r < 0)
		return r;
	b->job = j;
	j->running++;
	arm_timer(j);
	tell_begin(j, b->step->kind);
	return 0;
}

/* 0, or a negative errno after the step was recorded as an internal error. */
static int begin(struct job *j, const struct plan_step *step, struct case_result *result)
{
	struct box_outcome failed = { 0 };
	struct err err = ERR_INIT;
	int r = job_begin_box(j, &(struct job_box){ .step = step, .result = result }, &err);

	if (r >= 0)
		return 0;
	log_event(LOG_LEVEL_ERROR, "box not made job=%s error=%s", j->result.id, err.text);
	job_fail_outcome(&failed, "submit", r);
	job_record(j, step, result, &failed);
	return r;
}

/* ---- the life: actions ---- */

/* Begins nothing more. */
static enum job_state act_end(struct job *j)
{
	j->next_case = j->result.ncases;
	job_repeat_drop(j);
	j->next_check = j->nchecks = 0; /* those of boxes that still run are not begun either */
	return j->running ? JOB_ENDING : JOB_OVER;
}

static enum job_state act_go_on(struct job *j)
{
	job_cases_pass_over(j);
	return has_more(j) || j->running ? JOB_CASES : JOB_OVER;
}

static enum job_state act_failed_case(struct job *j)
{
	return j->plan->request->stop_on_failure ? act_end(j) : act_go_on(j);
}

static enum job_state act_made(struct job *j)
{
	return job_made_next(j) ? JOB_TO_COMPILE : act_go_on(j);
}

static enum job_state act_compile(struct job *j)
{
	struct job_made *m = job_made_next(j);

	if (job_made_find(j, m))
		return act_made(j);
	return begin(j, m->step, m->result) < 0 ? act_end(j) : JOB_COMPILING;
}

/* Answers first: who waits for one has an output that is held. */
static enum job_state act_check(struct job *j)
{
	struct case_result *c = &j->result.cases[j->checks[j->next_check++]];
	const struct plan_step *run =
		&j->plan->steps[(size_t)(c - j->result.cases) + j->result.compiled];
	const struct plan_step *check;

	if (planner_check(j->plan, run, c, j->arena, &check) < 0) {
		job_record_failure(j, c);
		return act_failed_case(j);
	}
	return begin(j, check, c) < 0 ? act_failed_case(j) : JOB_CASES;
}

static enum job_state act_repeat(struct job *j)
{
	struct case_result *c = job_repeat_take(j);
	size_t i = (size_t)(c - j->result.cases);

	if (begin(j, &j->plan->steps[i + j->result.compiled], c) < 0)
		return act_failed_case(j);
	return JOB_CASES;
}

static enum job_state act_case(struct job *j)
{
	size_t i = job_cases_ready(j);
	int r;

	if (budget_left_usec(j) < USEC_PER_MSEC)
		return act_end(j);
	if (job_cases_has_check(j))
		return act_check(j);
	if (job_repeat_is_next(j, i))
		return act_repeat(j);
	if (i == j->result.ncases)
		return act_go_on(j);
	job_cases_begin(j, i);
	r = j->plan->interactor
		    ? job_talk_begin(j, i)
		    : begin(j, &j->plan->steps[i + j->result.compiled], &j->result.cases[i]);
	return r < 0 ? act_failed_case(j) : JOB_CASES;
}

static enum job_state act_cancel(struct job *j)
{
	kill_boxes(j, KILL_CANCEL);
	return act_end(j);
}

/*
 * No action: the event means nothing in this state.  Events of a box cannot come while none runs
 * (JOB_TO_COMPILE, JOB_OVER), a lane is offered only where job_wants_lane() says so.
 */
static enum job_state (*const life[JOB_STATES][JOB_EVENTS])(struct job *j) = {
	[JOB_TO_COMPILE] = { [JOB_EV_LANE] = act_compile, [JOB_EV_CANCEL] = act_cancel },
	[JOB_COMPILING] = { [JOB_EV_GOOD] = act_made,
			    [JOB_EV_BAD] = act_end,
			    [JOB_EV_CANCEL] = act_cancel },
	[JOB_CASES] = { [JOB_EV_LANE] = act_case,
			[JOB_EV_GOOD] = act_go_on,
			[JOB_EV_BAD] = act_failed_case,
			[JOB_EV_SPENT] = act_end,
			[JOB_EV_CANCEL] = act_cancel },
	[JOB_ENDING] = { [JOB_EV_GOOD] = act_end,
			 [JOB_EV_BAD] = act_end,
			 [JOB_EV_CANCEL] = act_cancel },
};

void job_handle(struct job *j, enum job_event event)
{
	if (life[j->state][event])
		j->state = life[j->state][event](j);
}

bool job_next(struct job *j)
{
	j->held = j->events.on_next && !j->events.on_next(j->user);
	return !j->held;
}

bool job_wants_lane(const struct job *j)
{
	if (j->held)
		return false;
	if (j->state == JOB_TO_COMPILE)
		return true;
	if (j->state != JOB_CASES)
		return false;
	if (job_cases_has_check(j))
		return true;
	return !(j->plan->request->stop_on_failure && j->running) &&
	       (j->nrepeats > 0 || job_cases_ready(j) < j->result.ncases);
}

unsigned job_lanes(const struct job *j)
{
	return j->state == JOB_CASES && j->plan->interactor && !job_cases_has_check(j) ? 2 : 1;
}

uint64_t job_held_bytes(const struct job *j)
{
	return j->arena->used_bytes - j->arena_before_bytes + j->made[JOB_PROGRAM].artefact_bytes +
	       j->made[JOB_CHECKER].artefact_bytes + j->made[JOB_INTERACTOR].artefact_bytes;
}

/* ---- birth and end ---- */

void job_tell(struct job *j)
{
	if (judge_result(&j->result, j->arena) < 0) {
		j->result.verdict = VERDICT_INTERNAL_ERROR;
		j->result.success = false;
		j->result.error = "Internal error: out of memory while judging.";
	}
	j->events.on_done(j->user, &j->result);
}

static int init_result(struct job *j, const struct job_config *c)
{
	struct result *r = &j->result;

	r->plan = c->plan;
	r->error = "";
	r->compiled = c->plan->nsteps > 0 && c->plan->steps[0].kind == STEP_COMPILE;
	r->ncases = c->plan->nsteps - r->compiled;
	r->id = arena_strndup(c->arena, c->id, strlen(c->id));
	r->cases = arena_alloc_array(c->arena, r->ncases ? r->ncases : 1, sizeof(*r->cases));
	if (!r->id || !r->cases)
		return -ENOMEM;
	job_made_init(j);
	if (groups_init(r, c->arena) < 0)
		return -ENOMEM;
	if (c->plan->checker) {
		j->checks = arena_alloc_array(c->arena, r->ncases, sizeof(*j->checks));
		if (!j->checks)
			return -ENOMEM;
	}
	for (size_t i = 0; i < r->ncases; i++) {
		r->cases[i].outcome.out = r->cases[i].outcome.err = TEXT("");
		r->cases[i].error = "";
	}
	return 0;
}

struct job *job_new(const struct job_config *c)
{
	struct job *j = calloc(1, sizeof(*j) + c->backend->lanes * sizeof(j->boxes[0]));

	if (!j)
		return NULL;
	j->loop = c->loop;
	j->backend = c->backend;
	j->changed = c->changed;
	j->more = c->more;
	j->owner = c->owner;
	j->counters = c->counters;
	j->tenant = c->tenant;
	j->submitted_nsec = clock_now_nsec();
	j->plan = c->plan;
	j->arena = c->arena;
	j->arena_before_bytes = c->arena->used_bytes;
	j->events = *c->events;
	j->user = c->user;
	j->live_stdin_fd = -1;
	TAILQ_INIT(&j->talks);
	if (init_result(j, c) < 0) {
		job_free(j);
		return NULL;
	}
	j->state = act_made(j);
	return j;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	loop_source_drop(&j->timer);
	loop_source_drop(&j->late);
	job_talk_done_all(j);
	job_made_done(j);
	if (j->live_stdin_fd >= 0)
		close(j->live_stdin_fd);
	free(j);
}

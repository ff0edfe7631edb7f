/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case with an interactor: two boxes at once, each of which reads what the other writes (talk.c).
 *
 * Which of the two ended first says who is to be believed, but both ends come by ways of their own, and one is often the
 * cause of the other.  So nobody is told at once that the other has gone:
 *
 *   the program ended well      the interactor reads the end, and decides
 *   the program failed          it is its own doing, unless the interactor ends within PATIENCE without having read an end:
 *                               then it had decided before, and perhaps told the program so
 *   the interactor rejected     the program is stopped: nothing that it still does counts
 *   the interactor accepted     the program reads the end, and has to end well within its limits
 *   one closed its stdout       the other reads the end after PATIENCE, if by then neither has ended
 *
 * Two that wait for each other are ended by the program's wall limit, which is always the lower one (planner_talk()); where
 * the deployment's cap leaves no room for that, the interactor's stands for both.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/job_parts.h"
#include "model/judge.h"
#include "model/planner.h"

#define PATIENCE_USEC 100000u
#define PATIENCE_ACCURACY_USEC 1000u

struct job_talk {
	TAILQ_ENTRY(job_talk) link;
	struct job *job;
	struct case_result *result;	    /* its outcome becomes the program's */
	const struct plan_step *run, *asks; /* the program's, the interactor's */
	struct talk talk;
	bool running[TALK_SIDES];
	bool mute[TALK_SIDES]; /* its stdout is at its end */
	bool told;	       /* the interactor has read that the program has ended */
	bool ran[TALK_SIDES];
	uint64_t usec[TALK_SIDES]; /* from order to answer */
	struct box_outcome interactor;
	struct talk_end end;
	sd_event_source *timer; /* owned */
};

static void drop(struct job_talk *t)
{
	if (!t)
		return;
	loop_source_drop(&t->timer);
	talk_done(&t->talk);
	free(t);
}

void job_talk_done_all(struct job *j)
{
	struct job_talk *t;

	while ((t = TAILQ_FIRST(&j->talks))) {
		TAILQ_REMOVE(&j->talks, t, link);
		drop(t);
	}
}

static void stop(struct job_talk *t, enum talk_side side, enum box_kill why)
{
	struct job *j = t->job;

	for (unsigned i = 0; i < j->backend->lanes; i++)
		if (j->boxes[i].job && j->boxes[i].talk == t && j->boxes[i].side == side)
			j->backend->ops->cancel(j->backend, j->boxes[i].id, why);
}

/* A container may still be on its way when the interactor's time is over: that is nothing that the program did. */
static bool has_started(const struct job_talk *t, enum talk_side side)
{
	const struct job *j = t->job;

	for (unsigned i = 0; i < j->backend->lanes; i++)
		if (j->boxes[i].job && j->boxes[i].talk == t && j->boxes[i].side == side)
			return j->boxes[i].started_nsec != 0;
	return false;
}

/* ---- while they talk ---- */

static void tell_end(struct job_talk *t, enum talk_side to)
{
	t->told |= to == TALK_INTERACTOR;
	talk_over(&t->talk, to);
}

/* Nobody ended by himself meanwhile. */
static int on_patience(sd_event_source *s, uint64_t usec, void *user)
{
	struct job_talk *t = user;

	if (!t->running[TALK_PROGRAM]) { /* it has failed, else nobody would have waited */
		tell_end(t, TALK_INTERACTOR);
		stop(t, TALK_INTERACTOR, KILL_DECIDED);
		return 0;
	}
	if (t->mute[TALK_PROGRAM])
		tell_end(t, TALK_INTERACTOR);
	if (t->mute[TALK_INTERACTOR])
		tell_end(t, TALK_PROGRAM);
	return 0;
}

/* Without a timer nobody is waited for. */
static void be_patient(struct job_talk *t)
{
	int r;

	loop_source_drop(&t->timer);
	r = sd_event_add_time_relative(t->job->loop, &t->timer, CLOCK_MONOTONIC, PATIENCE_USEC,
				       PATIENCE_ACCURACY_USEC, on_patience, t);
	if (r < 0)
		on_patience(NULL, 0, t);
	else /* what has come while the loop was busy is heard first */
		sd_event_source_set_priority(t->timer, SD_EVENT_PRIORITY_NORMAL + 1);
}

int job_talk_stdin(const struct job_box *b)
{
	return talk_take_stdin(&b->talk->talk, b->side);
}

void job_talk_said(const struct job_box *b, const char *data, size_t len)
{
	if (talk_said(&b->talk->talk, b->side, data, len) < 0)
		stop(b->talk, b->side, KILL_BROKEN);
}

void job_talk_eof(const struct job_box *b)
{
	b->talk->mute[b->side] = true;
	if (b->talk->running[TALK_PROGRAM] && b->talk->running[TALK_INTERACTOR])
		be_patient(b->talk);
}

/* ---- the end ---- */

static void note_first(struct job_talk *t)
{
	static const char *const names[] = {
		[TALK_PROGRAM] = "the program", [TALK_INTERACTOR] = "the interactor"
	};

	if (!t->running[TALK_PROGRAM] || !t->running[TALK_INTERACTOR])
		return; /* the other has ended before */
	t->end.silent_usec = talk_silent_usec(&t->talk);
	t->end.last = t->talk.last < 0 ? NULL : names[t->talk.last];
}

static void program_ended(struct job_talk *t)
{
	const struct facts *f = &t->result->outcome.facts;

	if (!t->running[TALK_INTERACTOR])
		return;
	if (verdict_of(f, &t->run->limits, STEP_RUN, COMPARISON_NONE) == VERDICT_ACCEPTED)
		tell_end(t, TALK_INTERACTOR);
	else if (t->told)
		stop(t, TALK_INTERACTOR, KILL_DECIDED);
	else
		be_patient(t);
}

/* It was no limit that the two of them share, and not we. */
static bool ended_by_itself(const struct facts *f)
{
	return f->kill != KILL_WALL && f->kill != KILL_TOTAL_WALL && f->kill != KILL_DECIDED &&
	       f->kill != KILL_CANCEL;
}

static void interactor_ended(struct job_talk *t)
{
	const struct facts *f = &t->interactor.facts;

	t->end.decided = ended_by_itself(f) && (t->running[TALK_PROGRAM] || !t->told);
	if (!t->running[TALK_PROGRAM])
		return;
	if (!ended_by_itself(f))
		stop(t, TALK_PROGRAM,
		     f->kill != KILL_WALL || has_started(t, TALK_PROGRAM) ? (enum box_kill)f->kill
									  : KILL_BROKEN);
	t->end.stopped = t->end.decided && judge_talk_settled(t->job->plan, t->asks, f);
	if (t->end.stopped)
		stop(t, TALK_PROGRAM, KILL_DECIDED);
	else if (ended_by_itself(f))
		tell_end(t, TALK_PROGRAM);
}

static void finish(struct job_talk *t)
{
	struct job *j = t->job;
	struct case_result *c = t->result;
	struct text said = talk_transcript(&t->talk);
	const char *kept = said.len ? arena_strndup(j->arena, said.data, said.len) : "";
	int r = kept ? 0 : -ENOMEM;

	t->end.transcript = (struct text){ kept, said.len };
	if (r == 0)
		r = judge_talk(j->plan, t->run, t->asks, c, &t->interactor, &t->end, j->arena);
	if (r < 0)
		job_record_failure(j, c);
	else
		job_record_settle(j, c);
	if (t->ran[TALK_PROGRAM])
		job_count_box(j, t->run, c->verdict, &c->outcome.facts, t->usec[TALK_PROGRAM]);
	if (t->ran[TALK_INTERACTOR])
		job_count_box(j, t->asks, c->verdict, &t->interactor.facts,
			      t->usec[TALK_INTERACTOR]);
	TAILQ_REMOVE(&j->talks, t, link);
	drop(t);
}

/*
 * Its files were still being taken when the interactor had read the end of its output, and decided after all: it was not
 * we who ended it, and what it came to counts.
 */
static void had_ended(struct job_talk *t, struct facts *f)
{
	if (!t->told || !f->ended || f->kill != KILL_DECIDED)
		return;
	f->kill = KILL_NONE;
	t->end.decided = t->end.stopped = false;
}

bool job_talk_ended(struct job *j, const struct job_box *ended, const struct box_outcome *o)
{
	struct job_talk *t = ended->talk;
	struct box_outcome mine = *o;

	note_first(t);
	loop_source_drop(&t->timer);
	t->running[ended->side] = false;
	t->ran[ended->side] = true;
	t->usec[ended->side] =
		ended->started_nsec ? (clock_now_nsec() - ended->started_nsec) / 1000 : 0;
	if (ended->side == TALK_PROGRAM) {
		had_ended(t, &mine.facts);
		job_keep_outcome(j, t->run, &t->result->outcome, &mine);
		program_ended(t);
	} else {
		mine.out = TEXT(""); /* the program has read it */
		job_keep_outcome(j, t->asks, &t->interactor, &mine);
		interactor_ended(t);
	}
	if (t->running[TALK_PROGRAM] || t->running[TALK_INTERACTOR])
		return false;
	finish(t);
	return true;
}

/* ---- the beginning ---- */

static struct job_talk *make(struct job *j, size_t i)
{
	struct job_talk *t = calloc(1, sizeof(*t));
	const struct plan_step *run = &j->plan->steps[i + j->result.compiled];

	if (!t)
		return NULL;
	t->job = j;
	t->result = &j->result.cases[i];
	t->run = run;
	if (planner_talk(j->plan, run, j->arena, &t->asks) < 0 ||
	    talk_init(&t->talk, j->loop, j->plan->request->interactor->transcript_bytes) < 0) {
		drop(t);
		return NULL;
	}
	return t;
}

static int begin_side(struct job_talk *t, enum talk_side side, struct err *err)
{
	const struct job_box as = { .step = side == TALK_PROGRAM ? t->run : t->asks,
				    .result = t->result,
				    .talk = t,
				    .side = side };
	int r = job_begin_box(t->job, &as, err);

	t->running[side] = r >= 0;
	return r;
}

/* The interactor first: it is to be there when the program begins. */
int job_talk_begin(struct job *j, size_t i)
{
	struct job_talk *t = make(j, i);
	struct err err = ERR_INIT;
	int r;

	if (!t) {
		job_record_failure(j, &j->result.cases[i]);
		return -ENOMEM;
	}
	TAILQ_INSERT_TAIL(&j->talks, t, link);
	r = begin_side(t, TALK_INTERACTOR, &err);
	if (r >= 0)
		r = begin_side(t, TALK_PROGRAM, &err);
	if (r >= 0)
		return 0;
	log_event(LOG_LEVEL_ERROR, "box not made job=%s error=%s", j->result.id, err.text);
	job_fail_outcome(&t->result->outcome, "submit", r);
	if (t->running[TALK_INTERACTOR]) {
		stop(t, TALK_INTERACTOR, KILL_DECIDED);
		return 0;
	}
	job_fail_outcome(&t->interactor, "submit", r);
	finish(t);
	return r;
}

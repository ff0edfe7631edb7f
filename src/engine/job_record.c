/* SPDX-License-Identifier: Apache-2.0 */
/* What came out of a box: kept in the job's arena, judged, and told once nothing of the case is left to be done. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/job_parts.h"
#include "model/judge.h"

static int keep_text(struct arena *arena, struct text *t)
{
	char *copy;

	if (t->len == 0) {
		*t = TEXT("");
		return 0;
	}
	copy = arena_strndup(arena, t->data, t->len);
	if (!copy)
		return -ENOMEM;
	t->data = copy;
	return 0;
}

/* Their array was the backend's as well. */
static int keep_files(struct arena *arena, const struct plan_step *step, struct box_outcome *o)
{
	struct taken_file *copy;

	if (!o->files)
		return 0;
	copy = arena_alloc_array(arena, step->noutputs, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < step->noutputs; i++) {
		copy[i] = o->files[i];
		if (keep_text(arena, &copy[i].content) < 0)
			return -ENOMEM;
	}
	o->files = copy;
	return 0;
}

void job_fail_outcome(struct box_outcome *o, const char *step, int error)
{
	*o = (struct box_outcome){ .facts = o->facts, .out = TEXT(""), .err = TEXT("") };
	o->facts.setup_errno = abs(error);
	snprintf(o->facts.setup_step, sizeof(o->facts.setup_step), "%s", step);
}

void job_keep_outcome(struct job *j, const struct plan_step *step, struct box_outcome *into,
		      const struct box_outcome *from)
{
	*into = *from;
	if (keep_text(j->arena, &into->out) < 0 || keep_text(j->arena, &into->err) < 0 ||
	    keep_files(j->arena, step, into) < 0)
		job_fail_outcome(into, "keep output", ENOMEM);
}

int job_record_box(struct job *j, const struct plan_step *step, struct case_result *c,
		   const struct box_outcome *outcome)
{
	job_keep_outcome(j, step, &c->outcome, outcome);
	return judge_case(j->plan, step, c, j->arena);
}

static void fail_case(struct case_result *c)
{
	c->ran = true;
	c->passed = c->checking = false;
	c->verdict = VERDICT_INTERNAL_ERROR;
	c->error = "Internal error: out of memory while judging.";
}

void job_record_settle(struct job *j, struct case_result *c)
{
	size_t i = (size_t)(c - j->result.cases);

	if (c->checking) {
		j->checks[j->nchecks++] = i;
		return;
	}
	job_cases_decided(j, i);
	if (j->events.on_case)
		j->events.on_case(j->user, &j->result, i);
}

void job_record(struct job *j, const struct plan_step *step, struct case_result *c,
		const struct box_outcome *outcome)
{
	bool run = step->kind == STEP_RUN;
	int r;

	if (step->kind == STEP_CHECK)
		r = judge_check(j->plan, step, c, outcome, j->arena);
	else if (run && c->ran)
		r = job_repeat_record(j, step, c, outcome);
	else
		r = job_record_box(j, step, c, outcome);
	if (r < 0)
		fail_case(c);
	if (step->kind == STEP_COMPILE || (run && r == 0 && job_repeat_wants(j, step, c)))
		return;
	job_record_settle(j, c);
}

void job_record_failure(struct job *j, struct case_result *c)
{
	fail_case(c);
	job_record_settle(j, c);
}

/* A check says nothing of its language's programs: only what it took is counted. */
void job_count_box(struct job *j, const struct plan_step *step, enum verdict v,
		   const struct facts *f, uint64_t usec)
{
	const struct job_made *m = job_made_by(j, step);
	const struct plan *plan = m ? m->plan : j->plan;

	counters_box(j->counters, plan->language->name, step->kind, v, f, usec);
}

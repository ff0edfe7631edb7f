/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases that came near their time limit are run again (model/repeat.h says which, and which run counts).  They wait until no
 * case is left that may have its first run: noise of a moment is over by then, and what they take of the submission's budget
 * is taken from nobody.  Only where cases run one after the other, until the first failure, nothing may come before.
 */
#include <errno.h>

#include "engine/job_parts.h"
#include "model/repeat.h"

static void replace(struct case_result *c, const struct case_result *run)
{
	struct case_run *runs = c->runs;
	size_t nruns = c->nruns;

	*c = *run;
	c->begun = true;
	c->runs = runs;
	c->nruns = nruns;
	c->counted = nruns - 1;
}

/* There was no room left to keep what it wrote: that takes nothing from a case that has ended right. */
static bool was_not_kept(const struct case_result *c, const struct case_result *run,
			 const struct facts *f)
{
	return (c->passed || c->checking) && run->outcome.facts.setup_errno && !f->setup_errno;
}

int job_repeat_record(struct job *j, const struct plan_step *step, struct case_result *c,
		      const struct box_outcome *outcome)
{
	const struct facts *f = &outcome->facts;
	struct case_result run = { .error = "" };
	int r;

	if (repeat_is_lost(f, &step->limits))
		return repeat_note(c, f, VERDICT_TIME_LIMIT, false, j->arena);
	r = job_record_box(j, step, &run, outcome);
	if (r == 0)
		r = repeat_note(c, f, run.verdict, run.checking, j->arena);
	if (r == 0 && !was_not_kept(c, &run, f) && repeat_is_better(c, &run, &step->limits))
		replace(c, &run);
	return r;
}

/* In any other state nothing is begun any more. Without memory for the list of its runs there is one run. */
bool job_repeat_wants(struct job *j, const struct plan_step *step, struct case_result *c)
{
	const struct facts *f = &c->outcome.facts;

	if (j->state == JOB_CASES && repeat_wanted(j->plan, step, c) &&
	    (c->runs || repeat_note(c, f, c->verdict, c->checking, j->arena) == 0)) {
		c->again = true;
		j->nrepeats++;
		return true;
	}
	if (repeat_tell(c, j->arena) < 0)
		c->error = "Out of memory while judging.";
	return false;
}

bool job_repeat_is_next(const struct job *j, size_t ready)
{
	return j->nrepeats > 0 && (ready == j->result.ncases || j->plan->request->stop_on_failure);
}

struct case_result *job_repeat_take(struct job *j)
{
	struct case_result *c = j->result.cases;

	while (!c->again)
		c++;
	c->again = false;
	j->nrepeats--;
	return c;
}

void job_repeat_drop(struct job *j)
{
	while (j->nrepeats > 0) {
		struct case_result *c = job_repeat_take(j);

		if (repeat_tell(c, j->arena) < 0)
			c->error = "Out of memory while judging.";
		if (!c->checking) /* else it is one of those that are not asked about any more */
			job_record_settle(j, c);
	}
}

enum verdict job_repeat_last(const struct plan_step *step, const struct case_result *c)
{
	return step->kind == STEP_RUN && c->nruns > 0 ? c->runs[c->nruns - 1].verdict : c->verdict;
}

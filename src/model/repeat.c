/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See repeat.h.  The order of runs, best first: one that ended, the faster the better, before one that time ended.  Among
 * those the first stays, since all of them were killed at the same limit.  A run that this host failed is what the case
 * is: an internal error says nothing of the program, and so no run before it may.
 */
#include "model/repeat.h"

#include <errno.h>
#include <string.h>

/* How much of its time limit it took, of the two of which more was taken. */
static double share(const struct facts *f, const struct limits *l)
{
	double cpu = (double)f->cpu_usec / ((double)l->cpu_ms * 1e3);
	double wall = (double)f->wall_usec / ((double)l->wall_ms * 1e3);

	return cpu > wall ? cpu : wall;
}

/* As far as is known before its checker is asked. */
static bool ended_right(const struct case_result *c)
{
	return c->passed || c->checking;
}

/* By its own limits; the budget of all boxes is another matter, and gives nobody a second try. */
static bool time_ended_it(const struct case_result *c)
{
	return c->verdict == VERDICT_TIME_LIMIT && c->outcome.facts.kill != KILL_TOTAL_WALL;
}

bool repeat_wanted(const struct plan *plan, const struct plan_step *step,
		   const struct case_result *c)
{
	size_t runs = c->nruns ? c->nruns : 1;

	if (step->test < 0 || runs > plan->repeat.times)
		return false;
	if (!ended_right(c))
		return time_ended_it(c);
	return plan->repeat.within > 0 &&
	       share(&c->outcome.facts, &step->limits) >= 1 - plan->repeat.within;
}

bool repeat_is_lost(const struct facts *f, const struct limits *l)
{
	return verdict_of(f, l, STEP_RUN, COMPARISON_NONE) == VERDICT_TIME_LIMIT;
}

bool repeat_is_better(const struct case_result *c, const struct case_result *run,
		      const struct limits *l)
{
	if (run->verdict == VERDICT_INTERNAL_ERROR || !ended_right(c))
		return true;
	return ended_right(run) && share(&run->outcome.facts, l) < share(&c->outcome.facts, l);
}

int repeat_note(struct case_result *c, const struct facts *f, enum verdict v, bool unchecked,
		struct arena *arena)
{
	if (!c->runs)
		c->runs = arena_alloc_array(arena, REQUEST_REPEAT_MAX + 1, sizeof(*c->runs));
	if (!c->runs)
		return -ENOMEM;
	c->runs[c->nruns++] = (struct case_run){ .verdict = v,
						 .unchecked = unchecked,
						 .cpu_usec = f->cpu_usec,
						 .wall_usec = f->wall_usec,
						 .memory_peak_bytes = f->memory_peak_bytes };
	return 0;
}

int repeat_tell(struct case_result *c, struct arena *arena)
{
	size_t sentence = strcspn(c->error, "\n");

	if (c->nruns < 2 || !*c->error)
		return 0;
	c->error = arena_printf(arena, "%.*s The best of %zu runs.%s", (int)sentence, c->error,
				c->nruns, c->error + sentence);
	return c->error ? 0 : -ENOMEM;
}

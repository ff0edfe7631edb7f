/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See groups.h.  Groups depend on groups before them only, and a case stands behind all cases of the groups that its own
 * depends on: so there are no circles, and whoever takes cases in their order always finds one that may run, or
 * one that runs already and that others wait for.
 */
#include "model/groups.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- what is asked ---- */

/* Among the first `before`; ngroups: none. */
static size_t find_group(const struct request *q, size_t before, const char *name)
{
	for (size_t i = 0; i < before; i++)
		if (strcmp(q->groups[i].name, name) == 0)
			return i;
	return q->ngroups;
}

static int plan_depends(const struct request *q, size_t i, struct plan_group *g,
			struct arena *arena, struct refusal *refusal)
{
	const struct request_group *asked = &q->groups[i];
	size_t *depends = arena_alloc_array(arena, asked->ndepends + 1, sizeof(*depends));
	char field[64];

	if (!depends)
		return -ENOMEM;
	for (size_t k = 0; k < asked->ndepends; k++) {
		depends[k] = find_group(q, i, asked->depends[k]);
		snprintf(field, sizeof(field), "groups[%zu].depends[%zu]", i, k);
		if (depends[k] == q->ngroups)
			return refusal_set(refusal, field,
					   "must name a group that stands before it");
	}
	g->depends = depends;
	return 0;
}

static int plan_group(const struct request *q, size_t i, struct plan_group *g, struct arena *arena,
		      struct refusal *refusal)
{
	const struct request_group *asked = &q->groups[i];
	char field[64];

	snprintf(field, sizeof(field), "groups[%zu].name", i);
	if (find_group(q, i, asked->name) != q->ngroups)
		return refusal_set(refusal, field, "appears twice");
	g->asked = asked;
	g->stop = asked->stop == GROUP_STOP_UNSAID ? asked->score == GROUP_MIN
						   : asked->stop == GROUP_STOP;
	return plan_depends(q, i, g, arena, refusal);
}

/* `cases`: of each group, so far. */
static int plan_case(const struct request *q, size_t i, struct plan_group *groups, size_t *group_of,
		     size_t *cases, struct refusal *refusal)
{
	const struct test_case *t = &q->tests[i];
	char field[64];

	group_of[i] = t->group ? find_group(q, q->ngroups, t->group) : q->ngroups;
	if (!t->group)
		return 0;
	snprintf(field, sizeof(field), "test_cases[%zu].group", i);
	if (group_of[i] == q->ngroups)
		return refusal_set(refusal, field, "is not the name of one of the groups");
	cases[group_of[i]]++;
	groups[group_of[i]].max += test_case_points(t);
	for (size_t g = 0; g < q->ngroups; g++)
		for (size_t k = 0; k < q->groups[g].ndepends; k++)
			if (groups[g].depends[k] == group_of[i] && cases[g])
				return refusal_set(
					refusal, field,
					"must stand before the cases of \"%.100s\", which "
					"depends on it",
					q->groups[g].name);
	return 0;
}

static int plan_cases(const struct request *q, struct plan_group *groups, size_t *group_of,
		      struct refusal *refusal)
{
	size_t cases[REQUEST_GROUPS_MAX] = { 0 };
	char field[64];
	int r = 0;

	for (size_t i = 0; r == 0 && i < q->ntests; i++)
		r = plan_case(q, i, groups, group_of, cases, refusal);
	for (size_t g = 0; r == 0 && g < q->ngroups; g++) {
		snprintf(field, sizeof(field), "groups[%zu].name", g);
		if (!cases[g])
			r = refusal_set(refusal, field, "is the group of no test case");
		if (q->groups[g].has_points)
			groups[g].max = q->groups[g].points;
	}
	return r;
}

int groups_plan(struct plan *plan, struct arena *arena, struct refusal *refusal)
{
	const struct request *q = plan->request;
	struct plan_group *groups = arena_alloc_array(arena, q->ngroups + 1, sizeof(*groups));
	size_t *group_of = arena_alloc_array(arena, q->ntests + 1, sizeof(*group_of));
	int r = groups && group_of ? 0 : -ENOMEM;

	if (q->ngroups > REQUEST_GROUPS_MAX)
		return refusal_set(refusal, "groups", "must have at most %d entries",
				   REQUEST_GROUPS_MAX);
	for (size_t i = 0; r == 0 && i < q->ngroups; i++)
		r = plan_group(q, i, &groups[i], arena, refusal);
	if (r == 0)
		r = plan_cases(q, groups, group_of, refusal);
	plan->groups = groups;
	plan->group_of = group_of;
	plan->scored = q->ngroups > 0;
	for (size_t i = 0; i < q->ntests; i++)
		plan->scored |= q->tests[i].has_points;
	return r;
}

/* ---- whose turn it is ---- */

static struct group_result *group_of(const struct result *r, size_t i)
{
	size_t n = r->plan->request->ngroups;

	return n && r->plan->group_of[i] < n ? &r->groups[r->plan->group_of[i]] : NULL;
}

int groups_init(struct result *r, struct arena *arena)
{
	size_t n = r->plan->request->ngroups;

	r->groups = n ? arena_alloc_array(arena, n, sizeof(*r->groups)) : NULL;
	for (size_t i = 0; r->groups && i < r->ncases; i++)
		if (group_of(r, i))
			group_of(r, i)->undecided++;
	return n && !r->groups ? -ENOMEM : 0;
}

void groups_begun(struct result *r, size_t i)
{
	if (group_of(r, i))
		group_of(r, i)->running++;
}

static bool got_nothing(const struct case_result *c)
{
	return !c->passed && c->verdict != VERDICT_PARTIAL;
}

void groups_decided(struct result *r, size_t i)
{
	const struct case_result *c = &r->cases[i];
	struct group_result *g = group_of(r, i);

	if (!g)
		return;
	g->undecided--;
	g->running -= c->begun;
	g->failed |= !c->passed;
	g->nothing |= got_nothing(c);
}

/* Of a group that never runs any more, *ret_failed is the one that failed it, or itself. */
static enum groups_turn turn_of_group(const struct result *r, size_t g, size_t *ret_failed)
{
	const struct plan_group *group = &r->plan->groups[g];
	bool later = false;

	for (size_t k = 0; k < group->asked->ndepends; k++) {
		*ret_failed = group->depends[k];
		if (r->groups[*ret_failed].failed)
			return GROUPS_NEVER;
		later |= r->groups[*ret_failed].undecided > 0;
	}
	*ret_failed = g;
	if (group->stop && r->groups[g].nothing)
		return GROUPS_NEVER;
	return later || (group->stop && r->groups[g].running) ? GROUPS_LATER : GROUPS_NOW;
}

enum groups_turn groups_turn(const struct result *r, size_t i)
{
	size_t failed;

	return group_of(r, i) ? turn_of_group(r, r->plan->group_of[i], &failed) : GROUPS_NOW;
}

const char *groups_reason(const struct result *r, size_t i, struct arena *arena)
{
	size_t g = r->plan->group_of[i], failed, bad = 0;

	turn_of_group(r, g, &failed);
	if (failed != g)
		return arena_printf(
			arena, "Skipped: group \"%s\", on which its group depends, was not passed.",
			r->plan->request->groups[failed].name);
	while (bad < i &&
	       (r->plan->group_of[bad] != g || !r->cases[bad].ran || !got_nothing(&r->cases[bad])))
		bad++;
	return arena_printf(arena, "Skipped: test_cases[%zu] of its group ended with %s.", bad,
			    verdict_names[r->cases[bad].verdict]);
}

/* ---- what they get ---- */

double groups_points(const struct result *r, size_t i)
{
	const struct case_result *c = &r->cases[i];
	const struct case_check *judge = c->check ? c->check : c->talk;

	if (c->passed)
		return test_case_points(&r->plan->request->tests[i]);
	return c->verdict == VERDICT_PARTIAL && judge ? judge->points : 0;
}

/* Points of a group so far: the sum of its cases, or the lowest share of any. */
static void score_case(struct result *r, size_t i, double *share)
{
	const struct request *q = r->plan->request;
	const struct case_result *c = &r->cases[i];
	double max = test_case_points(&q->tests[i]), points = groups_points(r, i), own;
	size_t g = r->plan->group_of[i];

	if (!r->groups || g == q->ngroups) {
		r->points += points;
		r->max_points += max;
		return;
	}
	own = max > 0 ? points / max : c->passed;
	if (own < share[g])
		share[g] = own;
	r->groups[g].points += points;
	if (r->groups[g].verdict == VERDICT_ACCEPTED)
		r->groups[g].verdict = c->verdict;
}

static void score_group(struct result *r, size_t g, double share)
{
	const struct plan_group *group = &r->plan->groups[g];
	struct group_result *result = &r->groups[g];
	double of_cases = 0;

	for (size_t i = 0; i < r->ncases; i++)
		if (r->plan->group_of[i] == g)
			of_cases += test_case_points(&r->plan->request->tests[i]);
	if (group->asked->score == GROUP_MIN)
		result->points = share * group->max;
	else if (of_cases > 0) /* in the measure of the group's own points */
		result->points *= group->max / of_cases;
	r->points += result->points;
	r->max_points += group->max;
}

int groups_score(struct result *r, struct arena *arena)
{
	size_t n = r->plan->request->ngroups;
	double share[REQUEST_GROUPS_MAX];

	if (!r->plan->scored)
		return 0;
	r->points = r->max_points = 0;
	if (!r->groups && groups_init(r, arena) < 0)
		return -ENOMEM;
	for (size_t g = 0; g < n; g++) {
		share[g] = 1;
		r->groups[g].points = 0;
		r->groups[g].verdict = VERDICT_ACCEPTED;
	}
	for (size_t i = 0; i < r->ncases; i++)
		score_case(r, i, share);
	for (size_t g = 0; g < n; g++)
		score_group(r, g, share[g]);
	return 0;
}

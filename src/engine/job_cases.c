/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which case of a job is next.  Without groups it is the first that was not begun; with them some wait for others, and some are
 * passed over.  next_case is the first that is neither begun nor passed over: there is nothing to do before it.
 */
#include "engine/job_parts.h"
#include "model/groups.h"

static bool is_open(const struct case_result *c)
{
	return !c->begun && !c->passed_over;
}

static void move_on(struct job *j)
{
	while (j->next_case < j->result.ncases && !is_open(&j->result.cases[j->next_case]))
		j->next_case++;
}

bool job_cases_has_check(const struct job *j)
{
	return j->next_check < j->nchecks;
}

/* A group that waits is asked once. */
size_t job_cases_ready(const struct job *j)
{
	const struct result *r = &j->result;
	bool waits[REQUEST_GROUPS_MAX + 1] = { false };
	size_t n = j->plan->request->ngroups;

	for (size_t i = j->next_case; i < r->ncases; i++) {
		size_t g = n ? j->plan->group_of[i] : 0;

		if (!is_open(&r->cases[i]) || waits[g])
			continue;
		if (groups_turn(r, i) == GROUPS_NOW)
			return i;
		waits[g] = true;
	}
	return r->ncases;
}

void job_cases_begin(struct job *j, size_t i)
{
	j->result.cases[i].begun = true;
	groups_begun(&j->result, i);
	move_on(j);
}

void job_cases_decided(struct job *j, size_t i)
{
	groups_decided(&j->result, i);
}

/* In their order, so that one that is passed over decides those behind it in the same round. */
void job_cases_pass_over(struct job *j)
{
	struct result *r = &j->result;

	if (j->plan->request->ngroups == 0)
		return;
	for (size_t i = j->next_case; i < r->ncases; i++) {
		struct case_result *c = &r->cases[i];

		if (!is_open(c) || groups_turn(r, i) != GROUPS_NEVER)
			continue;
		c->passed_over = groups_reason(r, i, j->arena);
		if (!c->passed_over)
			c->passed_over = "Skipped: by its group.";
		c->verdict = VERDICT_SKIPPED;
		groups_decided(r, i);
	}
	move_on(j);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See planner.h.  A checker is a program like any other: it is planned as a request of its own, under the same limits and
 * caps, and what is refused of it is told with its field in front.  Only what each case brings is added later: the
 * input, what the program printed, and the expected output, which this box alone gets to see.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner.h"

#define CASE_FILES 3 /* at most, of a case */

static const char *const case_files[CASE_FILES] = { "input", "output", "answer" };

static const char *const testlib_args[] = { "input", "output", "answer", NULL };
static const char *const kattis_args[] = { "input", "answer", "/box/", NULL };
static const char *const *const protocol_args[CHECKER_PROTOCOLS] = {
	[CHECKER_TESTLIB] = testlib_args,
	[CHECKER_KATTIS] = kattis_args,
};

static int check_names(const struct request_checker *k, struct refusal *refusal)
{
	char field[64];

	for (size_t i = 0; i < k->nfiles; i++)
		for (size_t n = 0; n < CASE_FILES; n++)
			if (strcmp(k->files[i].name, case_files[n]) == 0) {
				snprintf(field, sizeof(field), "checker.files[%zu].name", i);
				return refusal_set(refusal, field,
						   "is the name of a file that each case brings");
			}
	return 0;
}

static int make_args(const struct request_checker *k, struct arena *arena, struct request *ret)
{
	const char *const *own = protocol_args[k->protocol];
	size_t n = 0;
	const char **args = arena_alloc_array(arena, CASE_FILES + k->nargs + 1, sizeof(*args));

	if (!args)
		return -ENOMEM;
	while (own[n]) {
		args[n] = own[n];
		n++;
	}
	for (size_t i = 0; i < k->nargs; i++)
		args[n++] = k->args[i];
	ret->args = args;
	ret->nargs = n;
	return 0;
}

static void name_checker(struct refusal *refusal)
{
	struct refusal whole;

	snprintf(whole.field, sizeof(whole.field), "checker.%.119s", refusal->field);
	memcpy(refusal->field, whole.field, sizeof(whole.field));
}

int planner_checker(const struct planner_config *c, const struct request *request,
		    struct arena *arena, const struct plan **ret, struct refusal *refusal)
{
	const struct request_checker *k = request->checker;
	struct request *own = arena_alloc(arena, sizeof(*own));
	struct plan *plan = arena_alloc(arena, sizeof(*plan));
	int r;

	if (!own || !plan)
		return -ENOMEM;
	if (request->ntests == 0)
		return refusal_set(refusal, "checker", "needs test_cases");
	if ((r = check_names(k, refusal)))
		return r;
	*own = (struct request){ .code = k->code,
				 .language = k->language,
				 .files = k->files,
				 .nfiles = k->nfiles,
				 .fresh = request->fresh,
				 .unscaled = true,
				 .limits = k->limits };
	if ((r = make_args(k, arena, own)))
		return r;
	r = planner_plan(c, own, arena, plan, refusal);
	if (r > 0)
		name_checker(refusal);
	*ret = plan;
	return r;
}

int planner_check(const struct plan *plan, const struct plan_step *run, const struct case_result *c,
		  struct arena *arena, const struct plan_step **ret)
{
	const struct plan *own = plan->checker;
	const struct plan_step *made = &own->steps[own->nsteps - 1];
	const struct test_case *t = &plan->request->tests[run->test];
	struct plan_step *step = arena_alloc(arena, sizeof(*step));
	struct plan_file *files =
		arena_alloc_array(arena, made->nfiles + CASE_FILES, sizeof(*files));
	size_t n = made->nfiles;

	if (!step || !files)
		return -ENOMEM;
	memcpy(files, made->files, n * sizeof(*files));
	files[n++] = (struct plan_file){ "input", t->input, 0444 };
	files[n++] = (struct plan_file){ "answer", t->expected, 0444 };
	*step = *made;
	step->kind = STEP_CHECK;
	step->test = run->test;
	if (plan->request->checker->protocol == CHECKER_KATTIS)
		step->stdin_text = outcome_answer(run, &c->outcome);
	else
		files[n++] = (struct plan_file){ "output", outcome_answer(run, &c->outcome), 0444 };
	step->files = files;
	step->nfiles = n;
	*ret = step;
	return 0;
}

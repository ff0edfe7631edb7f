/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See planner.h.  A checker is a program like any other: it is planned as a request of its own, under the same limits and
 * caps, and what is refused of it is told with its field in front.  Only what each case brings is added later: the
 * input, what the program printed, and the expected output, which this box alone gets to see.
 *
 * An interactor is planned in the same way.  What the program prints is said to it; its input is its own, and never the program's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner.h"

#define CASE_FILES 3 /* at most, of a case */

static const char *const case_files[CASE_FILES] = { "input", "output", "answer" };

/* What an interactor leaves to be judged. */
static const char *const talk_outputs[] = { TALK_OUTPUT };

static const char *const testlib_args[] = { "input", "output", "answer", NULL };
static const char *const kattis_args[] = { "input", "answer", "/box/", NULL };
static const char *const *const protocol_args[CHECKER_PROTOCOLS] = {
	[CHECKER_TESTLIB] = testlib_args,
	[CHECKER_KATTIS] = kattis_args,
};

/* Who judges, as the request names him. */
struct judge {
	const char *name;
	const struct request_checker *asked;
};

static int check_names(const struct judge *judge, struct refusal *refusal)
{
	char field[64];

	for (size_t i = 0; i < judge->asked->nfiles; i++)
		for (size_t n = 0; n < CASE_FILES; n++)
			if (strcmp(judge->asked->files[i].name, case_files[n]) == 0) {
				snprintf(field, sizeof(field), "%s.files[%zu].name", judge->name,
					 i);
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

static void name_judge(const struct judge *judge, struct refusal *refusal)
{
	struct refusal whole;

	snprintf(whole.field, sizeof(whole.field), "%s.%.116s", judge->name, refusal->field);
	memcpy(refusal->field, whole.field, sizeof(whole.field));
}

static int plan_judge(const struct planner_config *c, const struct request *request,
		      const struct judge *judge, struct arena *arena, const struct plan **ret,
		      struct refusal *refusal)
{
	const struct request_checker *k = judge->asked;
	struct request *own = arena_alloc(arena, sizeof(*own));
	struct plan *plan = arena_alloc(arena, sizeof(*plan));
	int r;

	if (!own || !plan)
		return -ENOMEM;
	if (request->ntests == 0)
		return refusal_set(refusal, judge->name, "needs test_cases");
	if ((r = check_names(judge, refusal)))
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
		name_judge(judge, refusal);
	*ret = plan;
	return r;
}

int planner_checker(const struct planner_config *c, const struct request *request,
		    struct arena *arena, const struct plan **ret, struct refusal *refusal)
{
	const struct judge judge = { "checker", request->checker };

	return plan_judge(c, request, &judge, arena, ret, refusal);
}

int planner_interactor(const struct planner_config *c, const struct request *request,
		       struct arena *arena, const struct plan **ret, struct refusal *refusal)
{
	const struct judge judge = { "interactor", request->interactor };

	if (request->checker && !request->interactor->output_judged)
		return refusal_set(
			refusal, "checker",
			"is refused together with interactor, but where its output is judged");
	if (request->interactor->output_judged && request->interactor->protocol != CHECKER_TESTLIB)
		return refusal_set(refusal, "interactor.output",
				   "must not be true: the protocol knows of no such file");
	if (request->function)
		return refusal_set(refusal, "function", "is refused together with interactor");
	if (c->lanes == 1)
		return refusal_set(refusal, "interactor",
				   "needs two boxes at once, and here is one lane (--lanes 2)");
	return plan_judge(c, request, &judge, arena, ret, refusal);
}

/* The program is the first whose wall limit strikes; what is left then is the interactor's own, to end with. */
static uint64_t wall_of_both(const struct plan *plan, const struct plan_step *run,
			     const struct plan_step *own)
{
	uint64_t both = run->limits.wall_ms + own->limits.wall_ms;

	return both < plan->wall_cap_ms ? both : plan->wall_cap_ms;
}

/* A step of `own` for this case, with the files that each case brings; room for one more is left. */
static struct plan_step *case_step(const struct plan *plan, const struct plan *own,
				   const struct plan_step *run, struct arena *arena,
				   struct plan_file **ret_next)
{
	const struct plan_step *made = &own->steps[own->nsteps - 1];
	const struct test_case *t = &plan->request->tests[run->test];
	struct plan_step *step = arena_alloc(arena, sizeof(*step));
	struct plan_file *files =
		arena_alloc_array(arena, made->nfiles + CASE_FILES, sizeof(*files));
	size_t n = made->nfiles;

	if (!step || !files)
		return NULL;
	if (n > 0)
		memcpy(files, made->files, n * sizeof(*files));
	files[n++] = (struct plan_file){ "input", t->input, 0444 };
	files[n++] = (struct plan_file){ "answer", t->expected, 0444 };
	*step = *made;
	step->test = run->test;
	step->files = files;
	step->nfiles = n;
	*ret_next = &files[n];
	return step;
}

int planner_check(const struct plan *plan, const struct plan_step *run, const struct case_result *c,
		  struct arena *arena, const struct plan_step **ret)
{
	struct plan_file *next;
	struct plan_step *step = case_step(plan, plan->checker, run, arena, &next);
	struct text answer = c->talk ? c->talk->output : outcome_answer(run, &c->outcome);

	if (!step)
		return -ENOMEM;
	step->kind = STEP_CHECK;
	if (plan->request->checker->protocol == CHECKER_KATTIS) {
		step->stdin_text = answer;
	} else {
		*next = (struct plan_file){ "output", answer, 0444 };
		step->nfiles++;
	}
	*ret = step;
	return 0;
}

int planner_talk(const struct plan *plan, const struct plan_step *run, struct arena *arena,
		 const struct plan_step **ret)
{
	struct plan_file *next;
	struct plan_step *step = case_step(plan, plan->interactor, run, arena, &next);

	if (!step)
		return -ENOMEM;
	step->kind = STEP_TALK;
	step->limits.wall_ms = wall_of_both(plan, run, step);
	if (plan->request->interactor->output_judged) {
		step->outputs = talk_outputs;
		step->noutputs = ARRAY_SIZE(talk_outputs);
	}
	*ret = step;
	return 0;
}

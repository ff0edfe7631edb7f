/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See judge_files.h.  A file that is not there, or was no file that could be taken, is a wrong answer: its program ended well and
 * gave another one than was asked for.  Names come from the request and are printable (taken_path_fault()).
 */
#include "model/judge_files.h"

#include <errno.h>
#include <string.h>

#include "model/compare.h"
#include "model/compare_regex.h"

struct taken_file outcome_file(const struct plan_step *step, const struct box_outcome *o,
			       const char *path)
{
	for (size_t i = 0; o->files && i < step->noutputs; i++)
		if (strcmp(step->outputs[i], path) == 0)
			return o->files[i];
	return (struct taken_file){ TAKEN_NOT, TEXT("") };
}

struct text outcome_answer(const struct plan_step *step, const struct box_outcome *o)
{
	return step->answer ? outcome_file(step, o, step->answer).content : o->out;
}

int judge_files_there(const struct plan_step *step, struct case_result *c, const char *path,
		      struct arena *arena)
{
	struct taken_file f = outcome_file(step, &c->outcome, path);

	if (f.state == TAKEN_WHOLE)
		return 1;
	c->comment = arena_printf(arena, "The file %s %s.", path, taken_texts[f.state]);
	return c->comment ? 0 : -ENOMEM;
}

/* All of a case's files together have the time of one regular expression, and what the last of them began with. */
static int find(const struct compare_spec *spec, uint64_t begun_nsec, struct text file,
		const struct request_file *want, struct difference *ret)
{
	if (spec->mode == COMPARE_REGEX &&
	    compare_regex_now_nsec() - begun_nsec >= REGEX_CPU_NSEC_MAX)
		return 2;
	return compare_find(spec, file, want->content, ret);
}

static int judge_file(const struct compare_spec *spec, uint64_t begun_nsec,
		      const struct plan_step *step, struct case_result *c,
		      const struct request_file *want, struct arena *arena)
{
	int r = judge_files_there(step, c, want->name, arena);

	if (r <= 0)
		return r;
	r = find(spec, begun_nsec, outcome_file(step, &c->outcome, want->name).content, want,
		 &c->difference);
	if (r < 0 || r == 1)
		return r;
	c->difference.file = want->name;
	c->comment = arena_printf(arena,
				  r == 2 ? "The file %s could not be decided within the bounds of "
					   "regular expressions."
					 : "The file %s is not what was expected.",
				  want->name);
	return c->comment ? 0 : -ENOMEM;
}

int judge_files(const struct plan *plan, const struct plan_step *step, struct case_result *c,
		enum comparison *ret, struct arena *arena)
{
	const struct test_case *t = &plan->request->tests[step->test];
	const struct compare_spec *spec = t->compare ? t->compare : &plan->request->compare;
	uint64_t begun_nsec = compare_regex_now_nsec();

	*ret = COMPARISON_EQUAL;
	for (size_t i = 0; i < t->nexpected_files; i++) {
		int r = judge_file(spec, begun_nsec, step, c, &t->expected_files[i], arena);

		if (r < 0)
			return r;
		if (r == 0) {
			*ret = COMPARISON_DIFFERENT;
			return 0;
		}
	}
	return 0;
}

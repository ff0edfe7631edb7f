/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See judge.h: from facts and outputs to what the submission's author is told.  Outputs are bytes of a
 * stranger and may be long: what is repeated in `error` is bounded here.
 */
#include "model/judge.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "model/compare.h"
#include "model/groups.h"
#include "model/judge_files.h"

#define DETAIL_BYTES 65536u /* of each stream that follows the sentence; its head and its tail */

struct detail {
	struct text streams[2];
};

/* A compiler may complain on either stream; of a program stdout is no complaint. */
static struct detail detail_of(const struct plan_step *step, const struct box_outcome *o)
{
	return (struct detail){ { step->kind == STEP_COMPILE ? o->out : TEXT(""), o->err } };
}

/* `error` is a C string: a NUL that a program wrote must not end it. */
static char *put_bytes(char *to, const char *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*to++ = from[i] ? from[i] : '?';
	return to;
}

static char *put_stream(char *to, struct text t)
{
	size_t half = DETAIL_BYTES / 2;

	if (t.len <= DETAIL_BYTES)
		return put_bytes(to, t.data, t.len);
	to = put_bytes(to, t.data, half);
	to += sprintf(to, "\n[… %zu bytes left out …]\n", t.len - DETAIL_BYTES);
	return put_bytes(to, t.data + t.len - half, half);
}

static const char *error_text(enum verdict v, const struct facts *f, const struct limits *l,
			      const struct detail *d, struct arena *arena)
{
	char sentence[256], *text, *to;
	size_t n = verdict_sentence(v, f, l, sentence, sizeof(sentence)), room = n + 1;

	if (n == 0)
		return "";
	for (size_t i = 0; i < ARRAY_SIZE(d->streams); i++)
		room += 64 + (d->streams[i].len < DETAIL_BYTES ? d->streams[i].len : DETAIL_BYTES);
	text = arena_alloc(arena, room);
	if (!text)
		return NULL;
	to = put_bytes(text, sentence, n);
	for (size_t i = 0; i < ARRAY_SIZE(d->streams); i++) {
		if (d->streams[i].len == 0)
			continue;
		if (to[-1] != '\n')
			*to++ = '\n';
		to = put_stream(to, d->streams[i]);
	}
	*to = '\0';
	return text;
}

/* Of a program that ended well: what it printed. Output that was cut never passes. */
static int compare_answer(const struct plan *plan, const struct plan_step *step,
			  struct case_result *c, enum comparison *ret)
{
	const struct test_case *t = &plan->request->tests[step->test];
	const struct compare_spec *spec = t->compare ? t->compare : &plan->request->compare;
	int r;

	r = compare_find(spec, outcome_answer(step, &c->outcome),
			 plan->request->function ? t->value : t->expected, &c->difference);
	if (r < 0)
		return r;
	*ret = r == 1 && !c->outcome.out_truncated ? COMPARISON_EQUAL : COMPARISON_DIFFERENT;
	if (r == 2)
		c->comment = "The regular expression could not be decided within its bounds.";
	else if (r == 0 && spec->mode == COMPARE_REGEX)
		c->comment = "The output does not match the regular expression.";
	return 0;
}

/* Whether there is what is to be judged; if not, `comment` says so. 0 no, 1 yes, or -ENOMEM. */
static int has_answer(const struct plan_step *step, struct case_result *c, struct arena *arena)
{
	return step->answer ? judge_files_there(step, c, step->answer, arena) : 1;
}

static int compare_case(const struct plan *plan, const struct plan_step *step,
			struct case_result *c, enum comparison *ret, struct arena *arena)
{
	const struct test_case *t = &plan->request->tests[step->test];
	/* Who expects files and nothing else leaves `expected` empty. */
	bool files_alone = t->nexpected_files && t->expected.len == 0;
	int r = files_alone ? 1 : has_answer(step, c, arena);

	*ret = files_alone ? COMPARISON_EQUAL : COMPARISON_DIFFERENT;
	/* With a checker, it would be judged by what is left of it. */
	if (r <= 0 || plan->checker || plan->interactor)
		return r < 0 ? r : 0;
	if (!files_alone) {
		r = compare_answer(plan, step, c, ret);
		if (r < 0)
			return r;
	}
	return *ret == COMPARISON_EQUAL ? judge_files(plan, step, c, ret, arena) : 0;
}

static int leave_checking(struct case_result *c)
{
	c->checking = true;
	c->passed = false;
	c->verdict = VERDICT_SKIPPED;
	c->error = "";
	return 0;
}

int judge_case(const struct plan *plan, const struct plan_step *step, struct case_result *c,
	       struct arena *arena)
{
	const struct box_outcome *o = &c->outcome;
	struct detail detail = detail_of(step, o);
	enum comparison comparison = COMPARISON_NONE;
	enum verdict v = verdict_of(&o->facts, &step->limits, step->kind, comparison);
	int r;

	c->ran = true;
	if (v == VERDICT_ACCEPTED && step->test >= 0 && (plan->checker || plan->interactor) &&
	    !o->out_truncated) {
		r = has_answer(step, c, arena);
		if (r < 0)
			return r;
		if (r > 0)
			return leave_checking(c);
	}
	if (v == VERDICT_ACCEPTED && step->test >= 0) {
		r = compare_case(plan, step, c, &comparison, arena);
		if (r < 0)
			return r;
		v = verdict_of(&o->facts, &step->limits, step->kind, comparison);
	}
	c->verdict = v;
	c->passed = step->test >= 0 && v == VERDICT_ACCEPTED;
	c->error = error_text(v, &o->facts, &step->limits, &detail, arena);
	return c->error ? 0 : -ENOMEM;
}

static bool cancelled(const struct result *r)
{
	bool ran = r->compiled && r->compile.ran;

	if (ran && r->compile.outcome.facts.kill == KILL_CANCEL)
		return true;
	for (size_t i = 0; i < r->ncases; i++) {
		if (r->cases[i].ran && r->cases[i].outcome.facts.kill == KILL_CANCEL)
			return true;
		ran |= r->cases[i].ran;
	}
	return !ran;
}

static bool is_undecided(const struct case_result *c)
{
	return !c->ran || c->checking || c->verdict == VERDICT_SKIPPED;
}

/* The first case that was decided and not accepted; ncases when there is none. */
static size_t first_failure(const struct result *r)
{
	size_t i = 0;

	while (i < r->ncases &&
	       (is_undecided(&r->cases[i]) || r->cases[i].verdict == VERDICT_ACCEPTED))
		i++;
	return i;
}

static bool cannot_be_made(bool compiled, const struct case_result *step)
{
	return compiled && step->ran && step->verdict != VERDICT_ACCEPTED;
}

/* Who was to judge and did not compile: its compile step, and its name; NULL: there is nobody, or he did. */
static const struct case_result *no_judge(const struct result *r, const char **ret_name)
{
	if (cannot_be_made(r->interactor_compiled, &r->interactor)) {
		*ret_name = "interactor";
		return &r->interactor;
	}
	*ret_name = "checker";
	return cannot_be_made(r->checker_compiled, &r->checker) ? &r->checker : NULL;
}

/* Why what did not run did not run; the same for all of a submission. */
static const char *skip_sentence(const struct result *r, struct arena *arena)
{
	size_t i = first_failure(r);
	const char *name;

	if (r->refused)
		return r->refused;
	if (no_judge(r, &name))
		return arena_printf(arena, "Skipped: the %s could not be compiled.", name);
	if (cancelled(r))
		return "Skipped: the submission was cancelled.";
	if (r->compiled && r->compile.verdict != VERDICT_ACCEPTED)
		return arena_printf(arena, "Skipped: the compile step ended with %s.",
				    verdict_names[r->compile.verdict]);
	if (r->plan->request->stop_on_failure && i < r->ncases)
		return arena_printf(arena,
				    "Skipped: test_cases[%zu] ended with %s (stop_on_failure).", i,
				    verdict_names[r->cases[i].verdict]);
	return arena_printf(arena, "Skipped: the submission's total wall time of %.3f s was spent.",
			    (double)r->plan->total_wall_ms / 1e3);
}

static int skip(const struct result *r, struct case_result *c, const char **reason,
		struct arena *arena)
{
	if (!c->passed_over && !*reason)
		*reason = skip_sentence(r, arena);
	c->verdict = VERDICT_SKIPPED;
	c->checking = false;
	c->passed = false;
	c->error = c->passed_over ? c->passed_over : *reason;
	return c->error ? 0 : -ENOMEM;
}

static int skip_undecided(struct result *r, struct arena *arena)
{
	const char *reason = NULL;

	if (r->compiled && !r->compile.ran && skip(r, &r->compile, &reason, arena) < 0)
		return -ENOMEM;
	if (r->checker_compiled && !r->checker.ran && skip(r, &r->checker, &reason, arena) < 0)
		return -ENOMEM;
	if (r->interactor_compiled && !r->interactor.ran &&
	    skip(r, &r->interactor, &reason, arena) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < r->ncases; i++)
		if (is_undecided(&r->cases[i]) && skip(r, &r->cases[i], &reason, arena) < 0)
			return -ENOMEM;
	return 0;
}

static void sum_up(struct result *r)
{
	const struct case_result *worst = NULL, *broken = NULL;

	for (size_t i = 0; i < r->ncases; i++) {
		const struct case_result *c = &r->cases[i];

		if (!worst && c->verdict != VERDICT_ACCEPTED)
			worst = c;
		if (!broken && !verdict_is_normal(c->verdict))
			broken = c;
	}
	if (r->compiled && r->compile.verdict != VERDICT_ACCEPTED)
		worst = broken = &r->compile;
	r->verdict = worst ? worst->verdict : VERDICT_ACCEPTED;
	r->success = broken == NULL;
	r->error = broken ? broken->error : "";
	r->checker_failed = worst && ((worst->check && worst->check->at_fault) ||
				      (worst->talk && worst->talk->at_fault));
}

/* Nothing can be said of the program. That its compiler failed is this host's doing, what it refused is not. */
static int blame_judge(struct result *r, struct arena *arena)
{
	const char *name;
	const struct case_result *step = no_judge(r, &name);

	if (!step)
		return 0;
	r->verdict = VERDICT_INTERNAL_ERROR;
	r->success = false;
	r->checker_failed = step->verdict != VERDICT_INTERNAL_ERROR;
	r->error = arena_printf(arena, "Internal error: the %s could not be compiled: %s", name,
				step->error);
	return r->error ? 0 : -ENOMEM;
}

int judge_result(struct result *r, struct arena *arena)
{
	if (skip_undecided(r, arena) < 0)
		return -ENOMEM;
	sum_up(r);
	if (groups_score(r, arena) < 0)
		return -ENOMEM;
	if (blame_judge(r, arena) < 0)
		return -ENOMEM;
	if (r->refused) {
		r->verdict = VERDICT_INTERNAL_ERROR;
		r->success = false;
		r->error = r->refused;
	}
	return 0;
}

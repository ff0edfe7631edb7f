/* SPDX-License-Identifier: Apache-2.0 */
/* See judge.h: from facts and outputs to what the submission's author is told. */
#include "model/judge.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "model/compare.h"

#define ERROR_STDERR_BYTES 65536u /* of stderr (or a compiler's output) that follow the sentence */

static const char *error_text(enum verdict v, const struct facts *f, const struct limits *l, struct text detail,
			      struct arena *arena)
{
	char sentence[256];
	size_t n = verdict_sentence(v, f, l, sentence, sizeof(sentence)), keep = detail.len;
	char *text;

	if (n == 0)
		return "";
	if (keep > ERROR_STDERR_BYTES)
		keep = ERROR_STDERR_BYTES;
	text = arena_alloc(arena, n + 1 + keep + 1);
	if (!text)
		return NULL;
	memcpy(text, sentence, n);
	if (keep) {
		text[n++] = '\n';
		memcpy(text + n, detail.data, keep);
		/* `error` is a C string: a NUL that the program wrote is shown as what it is not to end it. */
		for (size_t i = 0; i < keep; i++)
			if (text[n + i] == '\0')
				text[n + i] = '?';
	}
	return text;
}

/* A compiler may complain on either stream. */
static struct text detail_of(const struct plan_step *step, const struct box_outcome *o)
{
	return step->kind == STEP_COMPILE && o->err.len == 0 ? o->out : o->err;
}

int judge_case(const struct plan *plan, const struct plan_step *step, struct case_result *c, struct arena *arena)
{
	const struct box_outcome *o = &c->outcome;
	enum comparison comparison = COMPARISON_NONE;

	if (step->test >= 0) {
		const struct test_case *t = &plan->request->tests[step->test];
		int r = compare_text(&plan->request->compare, o->out, t->expected);

		if (r < 0)
			return r;
		comparison = r && !o->out_truncated ? COMPARISON_EQUAL : COMPARISON_DIFFERENT;
	}
	c->ran = true;
	c->verdict = verdict_of(&o->facts, &step->limits, step->kind, comparison);
	c->passed = step->test >= 0 && c->verdict == VERDICT_ACCEPTED;
	c->error = error_text(c->verdict, &o->facts, &step->limits, detail_of(step, o), arena);
	return c->error ? 0 : -ENOMEM;
}

static bool ended_normally(enum verdict v)
{
	return v == VERDICT_ACCEPTED || v == VERDICT_WRONG_ANSWER;
}

static void skip(struct case_result *c)
{
	c->verdict = VERDICT_SKIPPED;
	c->passed = false;
	c->error = "Skipped: not run.";
}

int judge_result(struct result *r, struct arena *arena)
{
	const struct case_result *worst = NULL, *broken = NULL;

	(void)arena;
	for (size_t i = 0; i < r->ncases; i++) {
		struct case_result *c = &r->cases[i];

		if (!c->ran)
			skip(c);
		if (!worst && c->verdict != VERDICT_ACCEPTED)
			worst = c;
		if (!broken && !ended_normally(c->verdict))
			broken = c;
	}
	if (r->compiled && r->compile.ran && r->compile.verdict != VERDICT_ACCEPTED)
		worst = broken = &r->compile;
	r->verdict = worst ? worst->verdict : VERDICT_ACCEPTED;
	r->success = broken == NULL;
	r->error = broken ? broken->error : "";
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See judge.h: from how a checker, or an interactor, ended to what is said of the case.  It is a program of the request's author, and it reads
 * what a stranger's program printed: whatever it does that its protocol does not know (a crash, a limit, an exit code of its
 * own, points beyond those that there are) is its failure and nobody's answer.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/judge.h"

#define COMMENT_BYTES 4096u
#define POINTS_WORD "points"
#define CODE_FAIL 3 /* of testlib: the checker found the test itself wrong */
#define CODE_POINTS 7

static const struct {
	enum checker_protocol protocol;
	int code;
	enum verdict verdict;
} answers[] = {
	{ CHECKER_TESTLIB, 0, VERDICT_ACCEPTED },
	{ CHECKER_TESTLIB, 1, VERDICT_WRONG_ANSWER },
	{ CHECKER_TESTLIB, 2, VERDICT_PRESENTATION_ERROR },
	{ CHECKER_TESTLIB, 4, VERDICT_PRESENTATION_ERROR }, /* something after the answer */
	{ CHECKER_TESTLIB, 8, VERDICT_PRESENTATION_ERROR }, /* an end too early */
	{ CHECKER_TESTLIB, CODE_POINTS, VERDICT_PARTIAL },
	{ CHECKER_KATTIS, 42, VERDICT_ACCEPTED },
	{ CHECKER_KATTIS, 43, VERDICT_WRONG_ANSWER },
};

static const struct request_checker *judge_of(const struct plan *plan,
					      const struct plan_step *check)
{
	return check->kind == STEP_TALK ? plan->request->interactor : plan->request->checker;
}

/* What it wrote to stderr, as a C string, without the white space at its end. */
static const char *comment_of(struct text said, struct arena *arena)
{
	size_t len = said.len < COMMENT_BYTES ? said.len : COMMENT_BYTES;
	char *comment;

	while (len > 0 && isspace((unsigned char)said.data[len - 1]))
		len--;
	comment = arena_strndup(arena, len ? said.data : "", len);
	for (size_t i = 0; comment && i < len; i++)
		if (!comment[i])
			comment[i] = '?';
	return comment;
}

/* "points 0.5 and a comment", or the number alone. False: no number, or one that a case cannot have. */
static bool read_points(const char *comment, double max, double *ret)
{
	const char *at = comment;
	char *end;

	if (strncmp(at, POINTS_WORD, strlen(POINTS_WORD)) == 0)
		at += strlen(POINTS_WORD);
	while (*at == ' ')
		at++;
	if (!isdigit((unsigned char)*at))
		return false;
	*ret = strtod(at, &end);
	/* Decimal alone, and a whole word: strtod() would take hexadecimal, too. */
	if (end != at + strspn(at, "0123456789.eE+-") || (*end && !isspace((unsigned char)*end)))
		return false;
	return isfinite(*ret) && *ret <= max;
}

/* Its own fault, with the evidence, then what it wrote. */
static const char *failure(const struct request_checker *by, const struct plan_step *check,
			   const struct case_check *k, const struct facts *f, enum verdict of_box,
			   struct arena *arena)
{
	bool testlib = by->protocol == CHECKER_TESTLIB;
	char sentence[256] = "";
	const char *line = *k->comment ? "\n" : "";

	if (of_box != VERDICT_ACCEPTED && of_box != VERDICT_RUNTIME_ERROR)
		verdict_sentence(of_box, f, &check->limits, sentence, sizeof(sentence));
	else if (!k->exited)
		verdict_sentence(VERDICT_RUNTIME_ERROR, f, &check->limits, sentence,
				 sizeof(sentence));
	else if (testlib && k->exit_code == CODE_POINTS)
		snprintf(sentence, sizeof(sentence), "it gave points that the case does not have.");
	else if (testlib && k->exit_code == CODE_FAIL)
		snprintf(sentence, sizeof(sentence), "it found the test itself wrong.");
	else
		snprintf(sentence, sizeof(sentence), "exit code %d is no answer.", k->exit_code);
	return arena_printf(arena, "Internal error: the %s failed: %s%s%s",
			    check->kind == STEP_TALK ? "interactor" : "checker", sentence, line,
			    k->comment);
}

static enum verdict answer_of(const struct plan *plan, const struct plan_step *check,
			      struct case_check *k, enum verdict of_box)
{
	enum checker_protocol protocol = judge_of(plan, check)->protocol;

	if ((of_box != VERDICT_ACCEPTED && of_box != VERDICT_RUNTIME_ERROR) || !k->exited)
		return VERDICT_INTERNAL_ERROR;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		double max = test_case_points(&plan->request->tests[check->test]);

		if (answers[i].protocol != protocol || answers[i].code != k->exit_code)
			continue;
		if (answers[i].verdict != VERDICT_PARTIAL)
			return answers[i].verdict;
		if (!read_points(k->comment, max, &k->points))
			return VERDICT_INTERNAL_ERROR;
		return k->points >= max ? VERDICT_ACCEPTED
		       : k->points > 0	? VERDICT_PARTIAL
					: VERDICT_WRONG_ANSWER;
	}
	return VERDICT_INTERNAL_ERROR;
}

static int keep_facts(struct case_check *k, const struct facts *f, struct arena *arena)
{
	struct facts *copy;

	k->exited = facts_exit_code(f, &k->exit_code);
	k->signal = facts_signal_name(f);
	k->cpu_usec = f->cpu_usec;
	k->wall_usec = f->wall_usec;
	k->memory_peak_bytes = f->memory_peak_bytes;
	if (f->ndenied == 0)
		return 0;
	copy = arena_alloc(arena, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *f;
	k->denied = copy;
	return 0;
}

/* What it did and said, its verdict among it; NULL: out of memory. */
static struct case_check *look(const struct plan *plan, const struct plan_step *check,
			       const struct box_outcome *o, struct arena *arena)
{
	enum verdict of_box = verdict_of(&o->facts, &check->limits, check->kind, COMPARISON_NONE);
	struct case_check *k = arena_alloc(arena, sizeof(*k));

	if (!k || !(k->comment = comment_of(o->err, arena)) || keep_facts(k, &o->facts, arena) < 0)
		return NULL;
	k->transcript = TEXT("");
	k->verdict = answer_of(plan, check, k, of_box);
	k->at_fault = k->verdict == VERDICT_INTERNAL_ERROR && of_box != VERDICT_INTERNAL_ERROR;
	return k;
}

/* Its answer is the case's. */
static int take(const struct plan *plan, const struct plan_step *check, struct case_result *c,
		const struct case_check *k, const struct facts *f, struct arena *arena)
{
	enum verdict of_box = verdict_of(f, &check->limits, check->kind, COMPARISON_NONE);

	c->comment = *k->comment ? k->comment : NULL;
	c->verdict = k->verdict;
	c->passed = k->verdict == VERDICT_ACCEPTED;
	c->error = k->verdict == VERDICT_INTERNAL_ERROR
			   ? failure(judge_of(plan, check), check, k, f, of_box, arena)
			   : "";
	return c->error ? 0 : -ENOMEM;
}

/* The submission's budget was spent while it judged: nobody's fault, and nothing is known of the case. */
static bool had_no_time(struct case_result *c, const struct facts *f)
{
	if (f->kill != KILL_TOTAL_WALL)
		return false;
	c->verdict = VERDICT_SKIPPED;
	c->passed = false;
	c->error = "";
	return true;
}

int judge_check(const struct plan *plan, const struct plan_step *check, struct case_result *c,
		const struct box_outcome *outcome, struct arena *arena)
{
	const struct facts *f = &outcome->facts;

	c->checking = false;
	if (had_no_time(c, f))
		return 0;
	c->check = look(plan, check, outcome, arena);
	return c->check ? take(plan, check, c, c->check, f, arena) : -ENOMEM;
}

/* ---- interactors ---- */

static int no_output(struct case_result *c, struct case_check *k, struct arena *arena)
{
	k->verdict = c->verdict = VERDICT_INTERNAL_ERROR;
	k->at_fault = true;
	c->passed = false;
	c->error = arena_printf(arena, "Internal error: the interactor failed: its file %s %s.",
				TALK_OUTPUT, taken_texts[k->output_state]);
	return c->error ? 0 : -ENOMEM;
}

/* It accepted: what it left is judged, here or by the checker. */
static int judge_output(const struct plan *plan, const struct plan_step *check,
			struct case_result *c, struct case_check *k,
			const struct box_outcome *interactor, struct arena *arena)
{
	const struct test_case *t = &plan->request->tests[check->test];
	const struct compare_spec *spec = t->compare ? t->compare : &plan->request->compare;
	struct taken_file f = outcome_file(check, interactor, TALK_OUTPUT);
	int r;

	k->output_state = f.state;
	k->output = f.content;
	if (f.state != TAKEN_WHOLE)
		return no_output(c, k, arena);
	c->passed = false;
	if (plan->checker) {
		c->checking = true;
		c->verdict = VERDICT_SKIPPED;
		return 0;
	}
	r = compare_find(spec, f.content, t->expected, &c->difference);
	if (r < 0)
		return r;
	c->passed = r == 1;
	c->verdict = r == 1 ? VERDICT_ACCEPTED : VERDICT_WRONG_ANSWER;
	if (r == 2)
		c->comment = "The output could not be decided within the bounds of regular "
			     "expressions.";
	return 0;
}

bool judge_talk_settled(const struct plan *plan, const struct plan_step *check,
			const struct facts *interactor)
{
	enum verdict of_box = verdict_of(interactor, &check->limits, STEP_TALK, COMPARISON_NONE);
	int code;

	if ((of_box != VERDICT_ACCEPTED && of_box != VERDICT_RUNTIME_ERROR) ||
	    !facts_exit_code(interactor, &code))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (answers[i].protocol == judge_of(plan, check)->protocol &&
		    answers[i].code == code)
			return answers[i].verdict != VERDICT_ACCEPTED &&
			       answers[i].verdict != VERDICT_PARTIAL;
	return true;
}

/* Of a program that ran out of wall time: whether they were waiting for each other is not known, but this is. */
static const char *silence_of(const struct facts *program, const struct talk_end *end,
			      struct arena *arena)
{
	if (program->kill != KILL_WALL || end->silent_usec < program->wall_usec / 2)
		return NULL;
	return arena_printf(arena,
			    "Neither the program nor the interactor had written anything for "
			    "%.3f s; the last to write was %s.",
			    (double)end->silent_usec / 1e6, end->last ? end->last : "nobody");
}

/* The program's own verdict is in place. */
static void keep_own(struct case_result *c, struct case_check *k, const struct facts *interactor,
		     const struct talk_end *end, struct arena *arena)
{
	k->at_fault = false;
	if (!end->decided) {
		k->verdict = VERDICT_SKIPPED;
		if (interactor->kill != KILL_NONE)
			k->exited = false;
	}
	c->comment = silence_of(&c->outcome.facts, end, arena);
	if (!c->comment && *k->comment)
		c->comment = k->comment;
}

int judge_talk(const struct plan *plan, const struct plan_step *run, const struct plan_step *check,
	       struct case_result *c, const struct box_outcome *interactor,
	       const struct talk_end *end, struct arena *arena)
{
	const struct facts *f = &interactor->facts;
	struct case_check *k = look(plan, check, interactor, arena);
	int r = judge_case(plan, run, c, arena);
	bool ended_well = c->checking, against;

	c->checking = false;
	if (!k || r < 0)
		return -ENOMEM;
	k->transcript = end->transcript;
	c->talk = k;
	if (ended_well && had_no_time(c, f)) {
		k->verdict = VERDICT_SKIPPED;
		k->at_fault = false;
		return 0;
	}
	if (ended_well) {
		r = take(plan, check, c, k, f, arena);
		return r == 0 && c->passed && plan->request->interactor->output_judged
			       ? judge_output(plan, check, c, k, interactor, arena)
			       : r;
	}
	against = k->verdict != VERDICT_ACCEPTED && k->verdict != VERDICT_PARTIAL;
	if ((end->stopped || c->verdict != VERDICT_INTERNAL_ERROR) && end->decided && against)
		return take(plan, check, c, k, f, arena);
	keep_own(c, k, f, end, arena);
	return 0;
}

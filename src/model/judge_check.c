/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See judge.h: from how a checker ended to what is said of the case.  It is a program of the request's author, and it reads
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
static const char *failure(const struct plan *plan, const struct plan_step *check,
			   const struct case_check *k, const struct facts *f, enum verdict of_box,
			   struct arena *arena)
{
	bool testlib = plan->request->checker->protocol == CHECKER_TESTLIB;
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
	return arena_printf(arena, "Internal error: the checker failed: %s%s%s", sentence, line,
			    k->comment);
}

static enum verdict answer_of(const struct plan *plan, const struct plan_step *check,
			      struct case_check *k, enum verdict of_box)
{
	enum checker_protocol protocol = plan->request->checker->protocol;

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

int judge_check(const struct plan *plan, const struct plan_step *check, struct case_result *c,
		const struct box_outcome *outcome, struct arena *arena)
{
	const struct facts *f = &outcome->facts;
	struct case_check *k = arena_alloc(arena, sizeof(*k));
	enum verdict of_box = verdict_of(f, &check->limits, STEP_CHECK, COMPARISON_NONE);

	c->checking = false;
	if (!k || !(k->comment = comment_of(outcome->err, arena)) || keep_facts(k, f, arena) < 0)
		return -ENOMEM;
	k->verdict = answer_of(plan, check, k, of_box);
	k->at_fault = k->verdict == VERDICT_INTERNAL_ERROR && of_box != VERDICT_INTERNAL_ERROR;
	c->check = k;
	c->comment = *k->comment ? k->comment : NULL;
	c->verdict = k->verdict;
	c->passed = k->verdict == VERDICT_ACCEPTED;
	c->error = k->verdict == VERDICT_INTERNAL_ERROR ? failure(plan, check, k, f, of_box, arena)
							: "";
	return c->error ? 0 : -ENOMEM;
}

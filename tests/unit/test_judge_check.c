/* SPDX-License-Identifier: Apache-2.0 */
/* From how a checker ended to what is said of the case. */
#include "judge_scene.h"

#include <signal.h>

#include "base/cleanup.h"

struct row {
	enum checker_protocol protocol;
	int status;
	const char *said;
	enum verdict verdict;
	const char *error; /* how it begins; "": none */
};

#define FAILED "Internal error: the checker failed: "

static const struct row rows[] = {
	{ CHECKER_TESTLIB, EXITED(0), "ok 3 numbers", VERDICT_ACCEPTED, "" },
	{ CHECKER_TESTLIB, EXITED(0), "", VERDICT_ACCEPTED, "" },
	{ CHECKER_TESTLIB, EXITED(1), "wrong answer", VERDICT_WRONG_ANSWER, "" },
	{ CHECKER_TESTLIB, EXITED(2), "not a number", VERDICT_PRESENTATION_ERROR, "" },
	{ CHECKER_TESTLIB, EXITED(4), "dirt", VERDICT_PRESENTATION_ERROR, "" },
	{ CHECKER_TESTLIB, EXITED(8), "eof", VERDICT_PRESENTATION_ERROR, "" },
	{ CHECKER_TESTLIB, EXITED(3), "bad test", VERDICT_INTERNAL_ERROR,
	  FAILED "it found the test itself wrong.\nbad test" },
	{ CHECKER_TESTLIB, EXITED(5), "", VERDICT_INTERNAL_ERROR,
	  FAILED "exit code 5 is no answer." },
	{ CHECKER_TESTLIB, EXITED(42), "", VERDICT_INTERNAL_ERROR,
	  FAILED "exit code 42 is no answer." },
	{ CHECKER_TESTLIB, EXITED(255), "", VERDICT_INTERNAL_ERROR,
	  FAILED "exit code 255 is no answer." },
	{ CHECKER_TESTLIB, SIGSEGV, "", VERDICT_INTERNAL_ERROR,
	  FAILED "Runtime error: ended by signal SIGSEGV." },
	{ CHECKER_TESTLIB, EXITED(7), "points 0.5 half", VERDICT_PARTIAL, "" },
	{ CHECKER_TESTLIB, EXITED(7), "0.25", VERDICT_PARTIAL, "" },
	{ CHECKER_TESTLIB, EXITED(7), "points 1", VERDICT_ACCEPTED, "" },
	{ CHECKER_TESTLIB, EXITED(7), "points 0 none", VERDICT_WRONG_ANSWER, "" },
	{ CHECKER_TESTLIB, EXITED(7), "points 1.01", VERDICT_INTERNAL_ERROR,
	  FAILED "it gave points" },
	{ CHECKER_TESTLIB, EXITED(7), "points -1", VERDICT_INTERNAL_ERROR,
	  FAILED "it gave points" },
	{ CHECKER_TESTLIB, EXITED(7), "points nan", VERDICT_INTERNAL_ERROR,
	  FAILED "it gave points" },
	{ CHECKER_TESTLIB, EXITED(7), "points 0x1p-2", VERDICT_INTERNAL_ERROR,
	  FAILED "it gave points" },
	{ CHECKER_TESTLIB, EXITED(7), "points 0.5half", VERDICT_INTERNAL_ERROR,
	  FAILED "it gave points" },
	{ CHECKER_TESTLIB, EXITED(7), "points", VERDICT_INTERNAL_ERROR, FAILED "it gave points" },
	{ CHECKER_TESTLIB, EXITED(7), "", VERDICT_INTERNAL_ERROR, FAILED "it gave points" },
	{ CHECKER_KATTIS, EXITED(42), "", VERDICT_ACCEPTED, "" },
	{ CHECKER_KATTIS, EXITED(43), "", VERDICT_WRONG_ANSWER, "" },
	{ CHECKER_KATTIS, EXITED(0), "", VERDICT_INTERNAL_ERROR,
	  FAILED "exit code 0 is no answer." },
	{ CHECKER_KATTIS, EXITED(3), "", VERDICT_INTERNAL_ERROR,
	  FAILED "exit code 3 is no answer." },
	{ CHECKER_KATTIS, EXITED(7), "points 1", VERDICT_INTERNAL_ERROR,
	  FAILED "exit code 7 is no answer." },
	{ CHECKER_KATTIS, EXITED(1), "", VERDICT_INTERNAL_ERROR,
	  FAILED "exit code 1 is no answer." },
};

static struct case_result *check_case(struct scene *s, const struct box_outcome *o)
{
	static const struct plan_step check = { .kind = STEP_CHECK,
						.limits = { .cpu_ms = 1000,
							    .wall_ms = 1000,
							    .memory_kb = 1000,
							    .output_bytes = 1000,
							    .disk_kb = 1000 } };
	struct case_result *c = judge_one(s, 0);

	assert_true(c->checking);
	assert_false(c->passed);
	assert_int_equal(judge_check(&s->plan, &check, c, o, &s->arena), 0);
	assert_false(c->checking);
	return c;
}

static void give_checker(struct scene *s, struct request_checker *k)
{
	s->request.checker = k;
	s->plan.checker = &s->plan; /* that there is one is all that counts */
}

static void test_every_answer(void **state)
{
	struct request_checker k = { .nargs = 0 };
	struct scene *s = *state;

	give_checker(s, &k);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct box_outcome o = good_outcome();
		const struct case_result *c;

		k.protocol = row->protocol;
		o.facts.wait_status = row->status;
		o.err = (struct text){ row->said, strlen(row->said) };
		c = check_case(s, &o);
		if (c->verdict != row->verdict ||
		    strncmp(c->error, row->error, strlen(row->error)) != 0)
			fail_msg("row %zu: %s: %s", i, verdict_names[c->verdict], c->error);
		assert_int_equal(c->passed, row->verdict == VERDICT_ACCEPTED);
		assert_int_equal(!*c->error, row->verdict != VERDICT_INTERNAL_ERROR);
		assert_int_equal(c->check->at_fault, row->verdict == VERDICT_INTERNAL_ERROR);
	}
}

/* Whatever its exit code was: a checker that met a limit has not answered. */
static void test_a_limit_is_no_answer(void **state)
{
	struct request_checker k = { .nargs = 0 };
	struct scene *s = *state;
	const struct facts faults[] = {
		{ .kill = KILL_CPU },
		{ .kill = KILL_WALL },
		{ .kill = KILL_OUTPUT, .ended = 1 },
		{ .kill = KILL_SECURITY },
		{ .ended = 1, .oom_kills = 1 },
		{ .ended = 1, .cpu_usec = 1000001 },
		{ .ended = 1, .wait_status = EXITED(1), .disk_full = 1 },
		{ .ended = 1, .wait_status = EXITED(1), .pids_events = 1 },
	};

	give_checker(s, &k);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		struct box_outcome o = good_outcome();
		const struct case_result *c;

		o.facts = faults[i];
		o.facts.started = 1;
		c = check_case(s, &o);
		assert_int_equal(c->verdict, VERDICT_INTERNAL_ERROR);
		assert_true(c->check->at_fault);
		assert_false(c->passed);
	}
}

static void test_a_host_that_fails_is_not_the_checkers_fault(void **state)
{
	struct request_checker k = { .nargs = 0 };
	struct scene *s = *state;
	struct box_outcome o = good_outcome();

	give_checker(s, &k);
	o.facts.setup_errno = 5;
	assert_false(check_case(s, &o)->check->at_fault);
	judge_all(s, 0);
	assert_int_equal(judge_result(&s->result, &s->arena), 0);
	assert_false(s->result.checker_failed);
}

static void test_a_budget_that_ends_is_not_the_checkers_fault(void **state)
{
	struct request_checker k = { .nargs = 0 };
	struct scene *s = *state;
	struct box_outcome o = good_outcome();

	give_checker(s, &k);
	o.facts = (struct facts){ .started = 1, .kill = KILL_TOTAL_WALL };
	assert_int_equal(check_case(s, &o)->verdict, VERDICT_SKIPPED);
	assert_null(s->cases[0].check);
}

static void test_comments_are_bounded_text(void **state)
{
	struct request_checker k = { .nargs = 0 };
	struct scene *s = *state;
	struct box_outcome o = good_outcome();
	static char much[10000];

	give_checker(s, &k);
	memset(much, 'x', sizeof(much));
	o.err = (struct text){ much, sizeof(much) };
	assert_int_equal(strlen(check_case(s, &o)->comment), 4096);
	o.err = TEXT("a\0b \n\n");
	assert_string_equal(check_case(s, &o)->comment, "a?b");
	o.err = TEXT("\n");
	assert_null(check_case(s, &o)->comment);
}

static void test_what_was_cut_or_failed_is_not_checked(void **state)
{
	struct request_checker k = { .nargs = 0 };
	struct scene *s = *state;

	give_checker(s, &k);
	s->cases[1].outcome.out_truncated = true;
	assert_int_equal(judge_one(s, 1)->verdict, VERDICT_WRONG_ANSWER);
	assert_false(s->cases[1].checking);
	s->cases[2].outcome.facts.wait_status = EXITED(1);
	assert_int_equal(judge_one(s, 2)->verdict, VERDICT_RUNTIME_ERROR);
	assert_false(s->cases[2].checking);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_every_answer),
		CASE(test_a_limit_is_no_answer),
		CASE(test_a_host_that_fails_is_not_the_checkers_fault),
		CASE(test_a_budget_that_ends_is_not_the_checkers_fault),
		CASE(test_comments_are_bounded_text),
		CASE(test_what_was_cut_or_failed_is_not_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* From outcomes to what the author is told: one case, and the sum of a submission. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "model/judge.h"

#define EXITED(code) ((code) << 8)
#define CASES 4

/* A submission of CASES test cases that expect "ok", all run and accepted, to be spoilt by each test. */
struct scene {
	struct arena arena;
	struct request request;
	struct test_case tests[CASES];
	struct language language;
	struct plan_step steps[CASES], compile_step;
	struct plan plan;
	struct case_result cases[CASES];
	struct result result;
};

static struct box_outcome good_outcome(void)
{
	return (struct box_outcome){
		.facts = { .started = 1, .ended = 1 },
		.out = TEXT("ok\n"),
		.err = TEXT(""),
	};
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	arena_init(&s->arena, 1 << 20);
	s->request.tests = s->tests;
	s->request.ntests = CASES;
	s->plan = (struct plan){ .request = &s->request,
				 .language = &s->language,
				 .steps = s->steps,
				 .nsteps = CASES,
				 .total_wall_ms = limits_default.total_wall_ms };
	for (int i = 0; i < CASES; i++) {
		s->tests[i] = (struct test_case){ .input = TEXT(""), .expected = TEXT("ok") };
		s->steps[i] =
			(struct plan_step){ .kind = STEP_RUN, .limits = limits_default, .test = i };
		s->cases[i].outcome = good_outcome();
	}
	s->compile_step =
		(struct plan_step){ .kind = STEP_COMPILE, .limits = limits_default, .test = -1 };
	s->result = (struct result){ .plan = &s->plan, .cases = s->cases, .ncases = CASES };
	s->result.compile.outcome = good_outcome();
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	arena_done(&s->arena);
	free(s);
	return 0;
}

static struct case_result *judge_one(struct scene *s, size_t i)
{
	assert_int_equal(judge_case(&s->plan, &s->steps[i], &s->cases[i], &s->arena), 0);
	return &s->cases[i];
}

static struct case_result *judge_compile(struct scene *s)
{
	s->result.compiled = true;
	assert_int_equal(judge_case(&s->plan, &s->compile_step, &s->result.compile, &s->arena), 0);
	return &s->result.compile;
}

/* All of `mask` ran. */
static void judge_all(struct scene *s, unsigned mask)
{
	for (size_t i = 0; i < CASES; i++)
		if (mask & 1u << i)
			judge_one(s, i);
		else
			s->cases[i] = (struct case_result){ 0 };
	assert_int_equal(judge_result(&s->result, &s->arena), 0);
}

static void check_skipped(const struct case_result *c, const char *reason)
{
	assert_int_equal(c->verdict, VERDICT_SKIPPED);
	assert_false(c->passed);
	assert_string_equal(c->error, reason);
}

/* ---- one case ---- */

static void test_an_accepted_case(void **state)
{
	struct case_result *c = judge_one(*state, 0);

	assert_int_equal(c->verdict, VERDICT_ACCEPTED);
	assert_true(c->ran && c->passed);
	assert_string_equal(c->error, "");
}

static void test_a_wrong_answer_is_no_error(void **state)
{
	struct scene *s = *state;

	s->cases[0].outcome.out = TEXT("no\n");
	s->cases[0].outcome.err = TEXT("noise");
	judge_one(s, 0);
	assert_int_equal(s->cases[0].verdict, VERDICT_WRONG_ANSWER);
	assert_false(s->cases[0].passed);
	assert_string_equal(s->cases[0].error, "");
}

static void test_the_right_answer_does_not_help_a_failure(void **state)
{
	struct scene *s = *state;

	s->cases[0].outcome.facts.wait_status = EXITED(1);
	judge_one(s, 0);
	assert_int_equal(s->cases[0].verdict, VERDICT_RUNTIME_ERROR);
	assert_false(s->cases[0].passed);
}

static void test_the_requests_comparison_is_used(void **state)
{
	struct scene *s = *state;

	s->request.compare.mode = COMPARE_EXACT;
	assert_int_equal(judge_one(s, 0)->verdict, VERDICT_WRONG_ANSWER);
	s->tests[1].expected = TEXT("ok\n");
	assert_int_equal(judge_one(s, 1)->verdict, VERDICT_ACCEPTED);
}

static void test_cut_output_never_passes(void **state)
{
	struct scene *s = *state;

	s->cases[0].outcome.out_truncated = true;
	assert_false(judge_one(s, 0)->passed);
	assert_int_not_equal(s->cases[0].verdict, VERDICT_ACCEPTED);
	/* stderr may be cut. */
	s->cases[1].outcome.err_truncated = true;
	assert_true(judge_one(s, 1)->passed);
	/* What it kept is right, but it wrote more. */
	s->cases[2].outcome.facts.stdout_bytes = limits_default.output_bytes + 1;
	s->cases[2].outcome.out_truncated = true;
	assert_int_equal(judge_one(s, 2)->verdict, VERDICT_OUTPUT_LIMIT);
	assert_false(s->cases[2].passed);
}

static void test_the_limits_of_the_step_count(void **state)
{
	struct scene *s = *state;

	s->steps[0].limits.cpu_ms = 10;
	s->cases[0].outcome.facts.cpu_usec = s->cases[1].outcome.facts.cpu_usec = 10001;
	assert_int_equal(judge_one(s, 0)->verdict, VERDICT_TIME_LIMIT);
	assert_int_equal(judge_one(s, 1)->verdict, VERDICT_ACCEPTED);
}

static void test_a_run_without_tests_compares_nothing(void **state)
{
	struct scene *s = *state;

	s->steps[0].test = -1;
	s->request.ntests = 0;
	s->request.tests = NULL;
	s->cases[0].outcome.out = (struct text){ NULL, 0 };
	assert_int_equal(judge_one(s, 0)->verdict, VERDICT_ACCEPTED);
}

static void test_error_is_a_sentence_then_stderr(void **state)
{
	struct scene *s = *state;

	s->cases[0].outcome.facts.wait_status = EXITED(3);
	s->cases[0].outcome.err = TEXT("Traceback\nboom\n");
	s->cases[1].outcome.facts.wait_status = SIGSEGV;
	s->cases[2].outcome.facts.wait_status = EXITED(3);
	s->cases[2].outcome.err = TEXT("a\0b");
	assert_string_equal(judge_one(s, 0)->error,
			    "Runtime error: exit code 3.\nTraceback\nboom\n");
	assert_string_equal(judge_one(s, 1)->error, "Runtime error: ended by signal SIGSEGV.");
	assert_string_equal(judge_one(s, 2)->error, "Runtime error: exit code 3.\na?b");
}

static void test_error_is_bounded_and_keeps_head_and_tail(void **state)
{
	static char noise[300000];
	struct scene *s = *state;
	const char *error;

	memset(noise, 'x', sizeof(noise));
	noise[0] = '<';
	noise[sizeof(noise) - 1] = '>';
	s->cases[0].outcome.facts.wait_status = EXITED(3);
	s->cases[0].outcome.err = (struct text){ noise, sizeof(noise) };
	error = judge_one(s, 0)->error;
	assert_true(strlen(error) < 70000);
	assert_non_null(strstr(error, ".\n<xx"));
	assert_non_null(strstr(error, "x\n[… 234464 bytes left out …]\nx"));
	assert_int_equal(error[strlen(error) - 1], '>');
	/* Exactly what is kept: nothing is left out. */
	s->cases[1].outcome.facts.wait_status = EXITED(3);
	s->cases[1].outcome.err = (struct text){ noise, 65536 };
	assert_null(strstr(judge_one(s, 1)->error, "left out"));
}

static void test_out_of_memory_is_a_failure(void **state)
{
	struct scene *s = *state;
	struct arena none;

	arena_init(&none, 16);
	s->cases[0].outcome.facts.wait_status = EXITED(3);
	assert_int_equal(judge_case(&s->plan, &s->steps[0], &s->cases[0], &none), -ENOMEM);
	s->cases[0] = (struct case_result){ 0 };
	s->cases[1].ran = true;
	s->cases[1].error = "";
	assert_int_equal(judge_result(&s->result, &none), -ENOMEM);
	arena_done(&none);
}

/* ---- the compile step ---- */

static void test_a_compile_error_holds_what_the_compiler_said(void **state)
{
	struct scene *s = *state;

	s->result.compile.outcome.facts.wait_status = EXITED(1);
	s->result.compile.outcome.out = TEXT("on stdout");
	s->result.compile.outcome.err = TEXT("main.c:1: error\n");
	judge_compile(s);
	assert_int_equal(s->result.compile.verdict, VERDICT_COMPILE_ERROR);
	assert_string_equal(s->result.compile.error,
			    "Compile error: exit code 1.\non stdout\nmain.c:1: error\n");
}

static void test_a_compiler_that_makes_nothing(void **state)
{
	struct scene *s = *state;

	s->result.compile.outcome.facts.artefact = 2;
	s->result.compile.outcome.out = TEXT("");
	judge_compile(s);
	assert_int_equal(s->result.compile.verdict, VERDICT_COMPILE_ERROR);
	assert_string_equal(s->result.compile.error,
			    "Compile error: the compiler ended well, but it made no program.");
}

static void test_a_failed_compilation_is_the_submissions_verdict(void **state)
{
	struct scene *s = *state;

	s->result.compile.outcome.facts.wait_status = EXITED(1);
	judge_compile(s);
	judge_all(s, 0);
	assert_int_equal(s->result.verdict, VERDICT_COMPILE_ERROR);
	assert_false(s->result.success);
	assert_ptr_equal(s->result.error, s->result.compile.error);
	for (size_t i = 0; i < CASES; i++)
		check_skipped(&s->cases[i], "Skipped: the compile step ended with compile_error.");
}

static void test_a_limit_in_the_compilation_is_the_submissions_verdict(void **state)
{
	static const struct {
		enum box_kill kill;
		uint64_t oom;
		enum verdict verdict;
	} rows[] = {
		{ KILL_CPU, 0, VERDICT_TIME_LIMIT },
		{ KILL_WALL, 0, VERDICT_TIME_LIMIT },
		{ KILL_TOTAL_WALL, 0, VERDICT_TIME_LIMIT },
		{ KILL_OUTPUT, 0, VERDICT_OUTPUT_LIMIT },
		{ KILL_SECURITY, 0, VERDICT_SECURITY_VIOLATION },
		{ KILL_NONE, 1, VERDICT_MEMORY_LIMIT },
		{ KILL_BROKEN, 0, VERDICT_INTERNAL_ERROR },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s->result.compile.outcome.facts = (struct facts){ .started = 1,
								  .kill = rows[i].kill,
								  .oom_kills = rows[i].oom };
		judge_compile(s);
		judge_all(s, 0);
		assert_int_equal(s->result.verdict, rows[i].verdict);
		assert_false(s->result.success);
		assert_int_equal(s->cases[0].verdict, VERDICT_SKIPPED);
	}
}

static void test_a_compilation_that_was_never_begun(void **state)
{
	struct scene *s = *state;

	s->result.compiled = true;
	judge_all(s, 0);
	assert_int_equal(s->result.verdict, VERDICT_SKIPPED);
	assert_false(s->result.success);
	check_skipped(&s->result.compile, "Skipped: the submission was cancelled.");
}

/* ---- the sum ---- */

static void test_all_accepted(void **state)
{
	struct scene *s = *state;

	judge_compile(s);
	judge_all(s, 15);
	assert_int_equal(s->result.verdict, VERDICT_ACCEPTED);
	assert_true(s->result.success);
	assert_string_equal(s->result.error, "");
}

static void test_a_wrong_answer_alone_is_success(void **state)
{
	struct scene *s = *state;

	s->cases[1].outcome.out = TEXT("no");
	judge_all(s, 15);
	assert_int_equal(s->result.verdict, VERDICT_WRONG_ANSWER);
	assert_true(s->result.success);
	assert_string_equal(s->result.error, "");
}

/* Verdict of the first not accepted; error of the first that did not end normally. */
static void test_verdict_and_error_may_be_of_two_cases(void **state)
{
	struct scene *s = *state;

	s->cases[1].outcome.out = TEXT("no");
	s->cases[2].outcome.facts.wait_status = EXITED(9);
	s->cases[3].outcome.facts.kill = KILL_CPU;
	judge_all(s, 15);
	assert_int_equal(s->result.verdict, VERDICT_WRONG_ANSWER);
	assert_false(s->result.success);
	assert_ptr_equal(s->result.error, s->cases[2].error);
}

static void test_order_is_that_of_the_cases_not_of_gravity(void **state)
{
	struct scene *s = *state;

	s->cases[1].outcome.facts.wait_status = EXITED(9);
	s->cases[2].outcome.facts.kill = KILL_SECURITY;
	s->cases[3].outcome.facts.kill = KILL_BROKEN;
	judge_all(s, 15);
	assert_int_equal(s->result.verdict, VERDICT_RUNTIME_ERROR);
	assert_ptr_equal(s->result.error, s->cases[1].error);
}

static void test_stop_on_failure_is_told(void **state)
{
	struct scene *s = *state;

	s->request.stop_on_failure = true;
	s->cases[1].outcome.out = TEXT("no");
	judge_all(s, 3);
	assert_int_equal(s->result.verdict, VERDICT_WRONG_ANSWER);
	/* Not every case ran to a normal end. */
	assert_false(s->result.success);
	check_skipped(&s->cases[2],
		      "Skipped: test_cases[1] ended with wrong_answer (stop_on_failure).");
	check_skipped(&s->cases[3], s->cases[2].error);
	assert_ptr_equal(s->result.error, s->cases[2].error);
}

static void test_a_spent_budget_is_told(void **state)
{
	struct scene *s = *state;

	s->cases[1].outcome.facts.kill = KILL_TOTAL_WALL;
	s->cases[1].outcome.facts.wall_usec = 1500000;
	judge_all(s, 3);
	assert_int_equal(s->result.verdict, VERDICT_TIME_LIMIT);
	assert_string_equal(s->result.error,
			    "Time limit exceeded: the submission's total wall time of 300.000 s "
			    "was spent after 1.500 s of this run.");
	check_skipped(&s->cases[2],
		      "Skipped: the submission's total wall time of 300.000 s was spent.");
}

static void test_a_budget_spent_between_two_boxes(void **state)
{
	struct scene *s = *state;

	/* It would stop on a failure, but there was none. */
	s->request.stop_on_failure = true;
	judge_all(s, 3);
	assert_int_equal(s->result.verdict, VERDICT_SKIPPED);
	assert_false(s->result.success);
	check_skipped(&s->cases[2],
		      "Skipped: the submission's total wall time of 300.000 s was spent.");
}

static void test_a_cancelled_submission(void **state)
{
	struct scene *s = *state;

	s->request.stop_on_failure = true;
	s->cases[1].outcome.facts.kill = KILL_CANCEL;
	judge_all(s, 3);
	assert_int_equal(s->result.verdict, VERDICT_INTERNAL_ERROR);
	assert_string_equal(s->result.error, "Internal error: the run was cancelled.");
	check_skipped(&s->cases[2], "Skipped: the submission was cancelled.");
}

static void test_nothing_ran_at_all(void **state)
{
	struct scene *s = *state;

	judge_all(s, 0);
	assert_int_equal(s->result.verdict, VERDICT_SKIPPED);
	assert_false(s->result.success);
	assert_string_equal(s->result.error, "Skipped: the submission was cancelled.");
}

/* Over every mix of ends: error is "" exactly when success, and passed exactly when accepted. */
static void test_error_is_empty_exactly_on_success(void **state)
{
	struct scene *s = *state;

	for (unsigned mix = 0; mix < 256; mix++) {
		bool normal = true;

		for (size_t i = 0; i < CASES; i++) {
			unsigned end = mix >> 2 * i & 3;

			s->cases[i] = (struct case_result){ .outcome = good_outcome() };
			if (end == 1)
				s->cases[i].outcome.out = TEXT("no");
			if (end == 2)
				s->cases[i].outcome.facts.wait_status = EXITED(1);
			if (end != 3)
				judge_one(s, i);
			normal &= end < 2;
		}
		assert_int_equal(judge_result(&s->result, &s->arena), 0);
		assert_int_equal(s->result.success, normal);
		assert_int_equal(s->result.error[0] == '\0', normal);
		for (size_t i = 0; i < CASES; i++) {
			enum verdict v = s->cases[i].verdict;

			assert_int_equal(s->cases[i].passed, v == VERDICT_ACCEPTED);
			assert_int_equal(s->cases[i].error[0] == '\0',
					 v == VERDICT_ACCEPTED || v == VERDICT_WRONG_ANSWER);
		}
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_an_accepted_case),
		CASE(test_a_wrong_answer_is_no_error),
		CASE(test_the_right_answer_does_not_help_a_failure),
		CASE(test_the_requests_comparison_is_used),
		CASE(test_cut_output_never_passes),
		CASE(test_the_limits_of_the_step_count),
		CASE(test_a_run_without_tests_compares_nothing),
		CASE(test_error_is_a_sentence_then_stderr),
		CASE(test_error_is_bounded_and_keeps_head_and_tail),
		CASE(test_out_of_memory_is_a_failure),
		CASE(test_a_compile_error_holds_what_the_compiler_said),
		CASE(test_a_compiler_that_makes_nothing),
		CASE(test_a_failed_compilation_is_the_submissions_verdict),
		CASE(test_a_limit_in_the_compilation_is_the_submissions_verdict),
		CASE(test_a_compilation_that_was_never_begun),
		CASE(test_all_accepted),
		CASE(test_a_wrong_answer_alone_is_success),
		CASE(test_verdict_and_error_may_be_of_two_cases),
		CASE(test_order_is_that_of_the_cases_not_of_gravity),
		CASE(test_stop_on_failure_is_told),
		CASE(test_a_spent_budget_is_told),
		CASE(test_a_budget_spent_between_two_boxes),
		CASE(test_a_cancelled_submission),
		CASE(test_nothing_ran_at_all),
		CASE(test_error_is_empty_exactly_on_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

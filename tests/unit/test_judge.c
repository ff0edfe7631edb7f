/* SPDX-License-Identifier: Apache-2.0 */
/* From an outcome to what the author is told of it: one case, and the compile step. */
#include "judge_scene.h"

#include <errno.h>
#include <signal.h>

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

static void test_a_case_may_have_its_own_comparison(void **state)
{
	static const struct compare_spec exact = { .mode = COMPARE_EXACT };
	struct scene *s = *state;

	s->tests[0].compare = &exact;
	assert_int_equal(judge_one(s, 0)->verdict, VERDICT_WRONG_ANSWER); /* "ok\n" is not "ok" */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_an_accepted_case),
		CASE(test_a_wrong_answer_is_no_error),
		CASE(test_the_right_answer_does_not_help_a_failure),
		CASE(test_the_requests_comparison_is_used),
		CASE(test_cut_output_never_passes),
		CASE(test_the_limits_of_the_step_count),
		CASE(test_a_case_may_have_its_own_comparison),
		CASE(test_a_run_without_tests_compares_nothing),
		CASE(test_error_is_a_sentence_then_stderr),
		CASE(test_error_is_bounded_and_keeps_head_and_tail),
		CASE(test_out_of_memory_is_a_failure),
		CASE(test_a_compile_error_holds_what_the_compiler_said),
		CASE(test_a_compiler_that_makes_nothing),
		CASE(test_a_failed_compilation_is_the_submissions_verdict),
		CASE(test_a_limit_in_the_compilation_is_the_submissions_verdict),
		CASE(test_a_compilation_that_was_never_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

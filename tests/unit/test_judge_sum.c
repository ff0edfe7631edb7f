/* SPDX-License-Identifier: Apache-2.0 */
/* From the cases to the sum of a submission: whose verdict, whose error, what is skipped. */
#include "judge_scene.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that are said once for all languages, and multiplied by the factors of one; how often a case is run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/cleanup.h"
#include "fresh_arena.h"
#include "model/planner.h"

static const char *const run[] = { "/bin/x", NULL };
static const char *const names[] = { "py", NULL };
static const struct language languages[] = {
	{ .name = "c", .source = "c", .run_argv = run },
	{ .name = "python",
	  .release = "3.9",
	  .id = "python@3.9",
	  .aliases = names,
	  .source = "p",
	  .run_argv = run,
	  .time_factor = 2,
	  .memory_factor = 1 },
	{ .name = "python",
	  .release = "3.11",
	  .id = "python@3.11",
	  .aliases = names,
	  .source = "p",
	  .run_argv = run,
	  .time_factor = 3,
	  .memory_factor = 1.5,
	  .limits = { .wall_ms = 7777 } },
};
static const struct language_set set = { languages, ARRAY_SIZE(languages) };
static const struct test_case cases[] = {
	{ .input = TEXT(""), .expected = TEXT("") },
	{ .input = TEXT(""), .expected = TEXT(""), .limits = { .cpu_ms = 500 } },
};

static struct planner_config config;
static struct request request;
static struct plan plan;
static struct refusal refusal;

static int fresh(void **state)
{
	config = (struct planner_config){ &set, limits_default, limits_cap, .cold = ~0u };
	request = (struct request){ .code = TEXT(""),
				    .language = "python",
				    .tests = cases,
				    .ntests = ARRAY_SIZE(cases),
				    .limits = { .cpu_ms = 1000, .memory_kb = 65537 } };
	return fresh_arena(state);
}

static int make(void)
{
	return planner_plan(&config, &request, &arena, &plan, &refusal);
}

static void assert_refused(const char *field, const char *part)
{
	assert_int_equal(make(), 1);
	assert_string_equal(refusal.field, field);
	if (!strstr(refusal.rule, part))
		fail_msg("\"%s\" does not hold \"%s\"", refusal.rule, part);
}

static void test_what_a_request_says_is_multiplied_and_nothing_else(void **state)
{
	assert_int_equal(make(), 0);
	assert_int_equal(plan.steps[0].limits.cpu_ms, 3000);
	assert_int_equal(plan.steps[1].limits.cpu_ms, 1500);
	assert_int_equal(plan.steps[0].limits.memory_kb, 98306); /* rounded up */
	assert_int_equal(plan.steps[0].limits.wall_ms, 7777);
	assert_int_equal(plan.steps[0].limits.output_bytes, limits_default.output_bytes);
	assert_int_equal(plan.total_wall_ms, limits_default.total_wall_ms);
	assert_true(plan.factors.time == 3 && plan.factors.memory == 1.5);
	request.limits.total_wall_ms = 5000;
	request.limits.wall_ms = 2000;
	request.limits.processes = 7;
	assert_int_equal(make(), 0);
	assert_int_equal(plan.total_wall_ms, 15000);
	assert_int_equal(plan.steps[0].limits.wall_ms, 6000);
	assert_int_equal(plan.steps[0].limits.processes, 7);
}

static void test_a_language_without_factors_has_the_factor_1(void **state)
{
	request.language = "c";
	assert_int_equal(make(), 0);
	assert_int_equal(plan.steps[0].limits.cpu_ms, 1000);
	assert_true(plan.factors.time == 1 && plan.factors.memory == 1);
}

static void test_a_request_may_say_other_factors(void **state)
{
	const struct request_factors factors[] = {
		{ .language = "C", .time = 9 },
		{ .language = "PY", .time = 1.25 },
		{ .language = "python@3.9", .time = 4, .memory = 4 },
	};

	request.language_factors = factors;
	request.nlanguage_factors = ARRAY_SIZE(factors);
	assert_int_equal(make(), 0);
	assert_int_equal(plan.steps[0].limits.cpu_ms, 1250);
	assert_int_equal(plan.steps[0].limits.memory_kb, 98306); /* the language's own */
	request.language = "python@3.9";
	assert_int_equal(make(), 0);
	assert_int_equal(plan.steps[0].limits.cpu_ms, 4000);
	request.language = "c";
	assert_int_equal(make(), 0);
	assert_int_equal(plan.steps[0].limits.cpu_ms, 9000);
}

static void test_names_that_mean_nothing_or_the_same_are_refused(void **state)
{
	struct request_factors factors[] = { { .language = "py" }, { .language = "cobolt" } };

	request.language_factors = factors;
	request.nlanguage_factors = 2;
	assert_refused("language_factors.cobolt", "is not the name of a language");
	factors[1].language = "Python";
	assert_refused("language_factors.Python", "is the language of \"py\"");
	factors[1].language = "python@3.11";
	assert_int_equal(make(), 0);
}

static void test_the_caps_hold_for_the_product(void **state)
{
	request.limits.cpu_ms = limits_cap.cpu_ms / 3;
	assert_int_equal(make(), 0);
	request.limits.cpu_ms++;
	assert_refused("limits.cpu_ms", "must be at most 600000 once it is multiplied by 3");
	request.limits.cpu_ms = UINT64_MAX;
	assert_refused("limits.cpu_ms", "must be at most 600000");
	request.limits.cpu_ms = 1;
	request.limits.processes = limits_cap.processes + 1;
	assert_refused("limits.processes", "must be at most 4096");
	assert_null(strstr(refusal.rule, "multiplied"));
}

static void test_a_checker_has_the_limits_that_are_said(void **state)
{
	const struct request_checker checker = { .code = TEXT(""),
						 .language = "python",
						 .limits = { .cpu_ms = 400 } };

	request.checker = &checker;
	assert_int_equal(make(), 0);
	assert_int_equal(plan.checker->steps[0].limits.cpu_ms, 400);
	assert_int_equal(plan.steps[0].limits.cpu_ms, 3000);
}

static void test_repetition_is_the_requests_word_else_the_deployments(void **state)
{
	assert_int_equal(make(), 0);
	assert_int_equal(plan.repeat.times, 0);
	config.repeat = 2;
	assert_int_equal(make(), 0);
	assert_int_equal(plan.repeat.times, 2);
	request.repeat = (struct request_repeat){ .said = true, .times = 0 };
	assert_int_equal(make(), 0);
	assert_int_equal(plan.repeat.times, 0);
	request.repeat = (struct request_repeat){ .said = true, .times = 5, .within = 0.25 };
	assert_int_equal(make(), 0);
	assert_int_equal(plan.repeat.times, 5);
	assert_true(plan.repeat.within == 0.25);
}

static void test_a_plain_run_is_not_repeated(void **state)
{
	request.ntests = 0;
	config.repeat = 2;
	assert_int_equal(make(), 0);
	assert_int_equal(plan.repeat.times, 0);
	request.repeat = (struct request_repeat){ .said = true, .times = 1 };
	assert_refused("repeat", "needs test_cases");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fresh, drop_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_a_request_says_is_multiplied_and_nothing_else),
		TEST(test_a_language_without_factors_has_the_factor_1),
		TEST(test_a_request_may_say_other_factors),
		TEST(test_names_that_mean_nothing_or_the_same_are_refused),
		TEST(test_the_caps_hold_for_the_product),
		TEST(test_a_checker_has_the_limits_that_are_said),
		TEST(test_repetition_is_the_requests_word_else_the_deployments),
		TEST(test_a_plain_run_is_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

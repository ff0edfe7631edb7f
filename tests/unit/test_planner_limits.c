/* SPDX-License-Identifier: Apache-2.0 */
/* Whose limit is in force in a plan, and which are too high. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/cleanup.h"
#include "planner_scene.h"

static void test_layers_of_limits(void **state)
{
	struct test_case test = { TEXT(""), TEXT(""), { .memory_kb = 4 } };
	struct scene *s = *state;

	s->config.defaults.memory_kb = 1;
	s->set.langs = &(
		const struct language){ .name = "python", .source = "x", .run_argv = WORDS("/x") };
	s->set.len = 1;
	assert_int_equal(planner_scene_plan(s), 0);
	assert_int_equal(s->plan.steps[0].limits.memory_kb, 1);
	s->set.langs = planner_languages;
	s->set.len = ARRAY_SIZE(planner_languages);
	assert_int_equal(planner_scene_plan(s), 0);
	assert_int_equal(s->plan.steps[0].limits.memory_kb, 262144);
	s->request.limits.memory_kb = 3;
	assert_int_equal(planner_scene_plan(s), 0);
	assert_int_equal(s->plan.steps[0].limits.memory_kb, 3);
	s->request.tests = &test;
	s->request.ntests = 1;
	assert_int_equal(planner_scene_plan(s), 0);
	assert_int_equal(s->plan.steps[0].limits.memory_kb, 4);
}

static void test_cpu_alone_leaves_wall_as_it_is(void **state)
{
	struct scene *s = *state;

	s->request.limits.cpu_ms = 100;
	assert_int_equal(planner_scene_plan(s), 0);
	assert_int_equal(s->plan.steps[0].limits.wall_ms, limits_default.wall_ms);
}

/* A request that asks for nothing is not refused for what others set too high. */
static void test_defaults_above_the_caps_are_lowered(void **state)
{
	struct scene *s = *state;

	s->request.language = "c";
	s->config.caps.cpu_ms = 5000;
	s->config.caps.processes = 4;
	assert_int_equal(planner_scene_plan(s), 0);
	assert_int_equal(s->plan.nsteps, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(s->plan.steps[i].limits.cpu_ms, 5000);
		assert_int_equal(s->plan.steps[i].limits.processes, 4);
		assert_null(limits_over_cap(&s->plan.steps[i].limits, &s->config.caps));
	}
}

static void test_caps(void **state)
{
	struct test_case tests[3] = { { TEXT(""), TEXT(""), { 0 } } };
	struct scene *s = *state;
	char rule[64];

	s->request.tests = tests;
	s->request.ntests = ARRAY_SIZE(tests);
	for (size_t i = 0; i < limit_table_len; i++) {
		const struct limit_info *info = &limit_table[i];
		char field[64];

		*limits_at(&s->request.limits, info) = info->cap;
		assert_int_equal(planner_scene_plan(s), 0);
		*limits_at(&s->request.limits, info) = info->cap + 1;
		assert_int_equal(planner_scene_plan(s), 1);
		snprintf(field, sizeof(field), "limits.%s", info->name);
		snprintf(rule, sizeof(rule), "must be at most %llu", (unsigned long long)info->cap);
		assert_string_equal(s->refusal.field, field);
		assert_string_equal(s->refusal.rule, rule);
		*limits_at(&s->request.limits, info) = 0;

		*limits_at(&tests[2].limits, info) = info->cap + 1;
		assert_int_equal(planner_scene_plan(s), 1);
		snprintf(field, sizeof(field), "test_cases[2].limits.%s", info->name);
		assert_string_equal(s->refusal.field, field);
		*limits_at(&tests[2].limits, info) = 0;
	}
	tests[1].limits.total_wall_ms = 1;
	assert_int_equal(planner_scene_plan(s), 1);
	assert_string_equal(s->refusal.field, "test_cases[1].limits.total_wall_ms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLANNER_CASE(test_layers_of_limits),
		PLANNER_CASE(test_cpu_alone_leaves_wall_as_it_is),
		PLANNER_CASE(test_defaults_above_the_caps_are_lowered),
		PLANNER_CASE(test_caps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which runner a plan's steps get: the language's, unless something can only be had from a cold start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "model/planner.h"

static const struct language languages[] = {
	{
		.name = "warm",
		.source = "main.py",
		.run_argv = (const char *const[]){ "/usr/bin/python3", "main.py", NULL },
		.env = (const char *const[]){ "PYTHONHASHSEED=0", "LANG=C", NULL },
		.runner = RUNNER_PYTHON,
		.cold_env = (const char *const[]){ "PYTHON*", "LANG", NULL },
	},
	{
		.name = "built",
		.source = "main.x",
		.compile_argv = (const char *const[]){ "/usr/bin/xc", NULL },
		.artefact = "main",
		.run_argv = (const char *const[]){ "/usr/bin/x", NULL },
		.runner = RUNNER_NODE,
	},
};

static const struct language_set set = { languages, ARRAY_SIZE(languages) };

/* The runner of the plan's last step; that of the first is checked by the caller. */
static enum runner_kind runner_of(struct request request, bool cold, enum runner_kind *ret_first)
{
	struct planner_config config = { &set, limits_default, limits_cap, .cold = cold ? ~0u : 0 };
	struct refusal refusal;
	enum runner_kind last;
	struct arena arena;
	struct plan plan;

	arena_init(&arena, 1 << 20);
	request.code = TEXT("code");
	assert_int_equal(planner_plan(&config, &request, &arena, &plan, &refusal), 0);
	last = plan.steps[plan.nsteps - 1].runner;
	if (ret_first)
		*ret_first = plan.steps[0].runner;
	arena_done(&arena);
	return last;
}

static void the_languages_own(void **state)
{
	static const struct test_case tests[] = { { TEXT(""), TEXT(""), { 0 } },
						  { TEXT(""), TEXT(""), { 0 } } };
	struct request r = { .language = "warm", .tests = tests, .ntests = 2 };
	enum runner_kind first;

	assert_int_equal(runner_of(r, false, &first), RUNNER_PYTHON);
	assert_int_equal(first, RUNNER_PYTHON);
}

static void a_compile_step_is_cold(void **state)
{
	enum runner_kind first;

	assert_int_equal(runner_of((struct request){ .language = "built" }, false, &first),
			 RUNNER_NODE);
	assert_int_equal(first, RUNNER_EXEC);
}

static void fresh_is_cold(void **state)
{
	struct request r = { .language = "warm", .fresh = true };

	assert_int_equal(runner_of(r, false, NULL), RUNNER_EXEC);
}

static void a_cold_deployment_is_cold(void **state)
{
	assert_int_equal(runner_of((struct request){ .language = "warm" }, true, NULL),
			 RUNNER_EXEC);
}

static void what_is_read_at_the_start_is_cold(void **state)
{
	static const struct {
		const char *name;
		enum runner_kind want;
	} table[] = {
		{ "PYTHONHASHSEED", RUNNER_EXEC },
		{ "PYTHON", RUNNER_EXEC },
		{ "LANG", RUNNER_EXEC },
		{ "LANGUAGE", RUNNER_PYTHON }, /* no star, so the whole name counts */
		{ "LAN", RUNNER_PYTHON },
		{ "PYTHO", RUNNER_PYTHON },
		{ "pythonpath", RUNNER_PYTHON }, /* not the same variable */
		{ "MY_PYTHONPATH", RUNNER_PYTHON },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct env_entry env[] = { { "OTHER", "x" }, { table[i].name, "x" } };
		struct request r = { .language = "warm", .env = env, .nenv = 2 };

		if (runner_of(r, false, NULL) != table[i].want)
			fail_msg("%s", table[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_languages_own),
		cmocka_unit_test(a_compile_step_is_cold),
		cmocka_unit_test(fresh_is_cold),
		cmocka_unit_test(a_cold_deployment_is_cold),
		cmocka_unit_test(what_is_read_at_the_start_is_cold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

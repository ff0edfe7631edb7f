/* SPDX-License-Identifier: Apache-2.0 */
/* A job with a checker over a fake backend: what is made, run and checked, in which order and with what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/cleanup.h"
#include "engine_world.h"

#define FILES 2

/* A submission whose checker is written in a language of its own. */
struct checked {
	struct world world;
	struct submission *s;
	struct request_checker checker;
	struct language language;
	struct plan plan;
	struct plan_step steps[2];
	struct plan_file files[FILES];
};

static void checked_make(struct checked *c, unsigned lanes, size_t ncases, bool compiled)
{
	struct plan_step *step = c->steps;

	memset(c, 0, sizeof(*c));
	world_make(&c->world, lanes);
	c->s = submission_make(&c->world, ncases, compiled);
	c->language.name = "checkers";
	c->files[0] = (struct plan_file){ "main.x", TEXT("code"), 0644 };
	if (compiled)
		*step++ = (struct plan_step){ .kind = STEP_COMPILE,
					      .test = -1,
					      .artefact = "checker",
					      .limits = limits_default };
	*step++ = (struct plan_step){ .kind = STEP_RUN,
				      .test = -1,
				      .files = c->files,
				      .nfiles = 1,
				      .limits = limits_default };
	c->plan = (struct plan){ .language = &c->language,
				 .request = &c->s->request,
				 .steps = c->steps,
				 .nsteps = (size_t)(step - c->steps) };
	c->s->request.checker = &c->checker;
	c->s->plan.checker = &c->plan;
}

static void checked_end(struct checked *c)
{
	submission_drop(c->s);
	world_end(&c->world);
}

static void assert_orders(const struct world *w, const char *want)
{
	static const char kinds[] = { [STEP_COMPILE] = 'm', [STEP_RUN] = 'r', [STEP_CHECK] = 'c' };
	char got[64] = "";

	for (size_t i = 0; i < w->norders; i++)
		got[i] = kinds[w->orders[i].kind];
	assert_string_equal(got, want);
}

static void test_each_case_is_checked_after_its_end(void **state)
{
	struct checked c;

	checked_make(&c, 1, 2, true);
	submission_submit(c.s, "one");
	world_finish(&c.world);
	assert_orders(&c.world, "mmrcrc");
	assert_int_equal(c.world.orders[2].test, 0);
	assert_int_equal(c.world.orders[3].test, 0);
	assert_int_equal(c.world.orders[5].test, 1);
	for (size_t i = 2; i < 6; i++)
		assert_true(c.world.orders[i].artefact);
	assert_int_equal(c.s->got.verdict, VERDICT_ACCEPTED);
	checked_end(&c);
}

static void script_look_at_files(struct world *w, const struct backend_order *o,
				 struct fake_end *end)
{
	static const struct text want[] = { TEXT("code"), TEXT("in"), TEXT("secret"),
					    TEXT("said") };
	const struct plan_step *step = o->step;

	if (step->kind == STEP_RUN) {
		end->out = TEXT("said");
		assert_int_equal(step->nfiles, 0);
		assert_string_equal(o->language, "c");
		return;
	}
	assert_string_equal(o->language, "checkers");
	assert_null(o->on_output);
	assert_int_equal(step->nfiles, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(step->files[i].content.len, want[i].len);
		assert_memory_equal(step->files[i].content.data, want[i].data, want[i].len);
	}
	assert_string_equal(step->files[1].name, "input");
	assert_string_equal(step->files[2].name, "answer");
	assert_string_equal(step->files[3].name, "output");
	fake_end_exit(end, 1);
}

static void test_only_the_checker_sees_what_is_expected(void **state)
{
	struct checked c;

	checked_make(&c, 1, 1, false);
	c.s->tests[0] = (struct test_case){ .input = TEXT("in"), .expected = TEXT("secret") };
	c.world.script = script_look_at_files;
	submission_submit(c.s, "one");
	world_finish(&c.world);
	assert_orders(&c.world, "rc");
	assert_int_equal(c.s->got.verdict, VERDICT_WRONG_ANSWER);
	assert_true(c.s->got.success);
	checked_end(&c);
}

static void script_answer_in_a_file(struct world *w, const struct backend_order *o,
				    struct fake_end *end)
{
	static const struct taken_file file = { TAKEN_WHOLE, { "in a file", 9 } };

	if (o->step->kind == STEP_RUN) {
		end->out = TEXT("noise");
		end->files = &file;
		return;
	}
	assert_string_equal(o->step->files[3].name, "output");
	assert_int_equal(o->step->files[3].content.len, 9);
	assert_memory_equal(o->step->files[3].content.data, "in a file", 9);
}

/* The backend's own copy is gone by then. */
static void test_a_file_in_the_place_of_stdout_is_checked(void **state)
{
	static const char *const outputs[] = { "out.txt" };
	struct checked c;

	checked_make(&c, 1, 1, false);
	c.s->steps[0].outputs = outputs;
	c.s->steps[0].noutputs = 1;
	c.s->steps[0].answer = outputs[0];
	c.world.script = script_answer_in_a_file;
	submission_submit(c.s, "one");
	world_finish(&c.world);
	assert_orders(&c.world, "rc");
	assert_int_equal(c.s->got.verdict, VERDICT_ACCEPTED);
	checked_end(&c);
}

static void script_fail_second(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	if (o->step->kind == STEP_RUN && o->step->test == 1)
		fake_end_exit(end, 1);
}

static void test_what_failed_is_not_checked(void **state)
{
	struct checked c;

	checked_make(&c, 1, 3, false);
	c.world.script = script_fail_second;
	submission_submit(c.s, "one");
	world_finish(&c.world);
	assert_orders(&c.world, "rcrrc");
	assert_int_equal(c.s->got.cases[1], VERDICT_RUNTIME_ERROR);
	assert_int_equal(c.s->got.cases[2], VERDICT_ACCEPTED);
	checked_end(&c);
}

static void script_check_says_wrong(struct world *w, const struct backend_order *o,
				    struct fake_end *end)
{
	if (o->step->kind == STEP_CHECK)
		fake_end_exit(end, 1);
}

static void test_stop_on_failure_waits_for_the_checker(void **state)
{
	struct checked c;

	checked_make(&c, 2, 3, false);
	c.s->request.stop_on_failure = true;
	c.world.script = script_check_says_wrong;
	submission_submit(c.s, "one");
	world_finish(&c.world);
	assert_orders(&c.world, "rc");
	assert_int_equal(c.s->got.cases[0], VERDICT_WRONG_ANSWER);
	assert_int_equal(c.s->got.cases[1], VERDICT_SKIPPED);
	checked_end(&c);
}

static void script_checker_does_not_compile(struct world *w, const struct backend_order *o,
					    struct fake_end *end)
{
	if (o->step->kind == STEP_COMPILE && strcmp(o->language, "checkers") == 0)
		fake_end_exit(end, 1);
}

static void test_a_checker_that_does_not_compile_blames_nobody_else(void **state)
{
	struct checked c;

	checked_make(&c, 1, 2, true);
	c.world.script = script_checker_does_not_compile;
	submission_submit(c.s, "one");
	world_finish(&c.world);
	assert_orders(&c.world, "mm");
	assert_int_equal(c.s->got.verdict, VERDICT_INTERNAL_ERROR);
	assert_int_equal(c.s->got.compile, VERDICT_ACCEPTED);
	assert_int_equal(c.s->got.cases[0], VERDICT_SKIPPED);
	assert_non_null(strstr(c.s->got.error, "the checker could not be compiled"));
	checked_end(&c);
}

static void script_hold_checks(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->hold = o->step->kind == STEP_CHECK;
}

static void test_a_cancelled_check_accepts_nothing(void **state)
{
	struct checked c;

	checked_make(&c, 1, 2, false);
	c.world.script = script_hold_checks;
	submission_submit(c.s, "one");
	world_settle(&c.world);
	assert_orders(&c.world, "rc");
	engine_cancel(c.world.engine, c.s->job);
	world_finish(&c.world);
	assert_int_equal(c.s->got.cases[0], VERDICT_INTERNAL_ERROR);
	assert_int_equal(c.s->got.cases[1], VERDICT_SKIPPED);
	checked_end(&c);
}

static void script_spend(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->facts.wall_usec = 300000000;
}

static void test_what_no_time_is_left_to_check_is_skipped(void **state)
{
	struct checked c;

	checked_make(&c, 1, 1, false);
	c.s->steps[0].limits.wall_ms = 600000;
	c.world.script = script_spend;
	submission_submit(c.s, "one");
	world_finish(&c.world);
	assert_orders(&c.world, "r");
	assert_int_equal(c.s->got.cases[0], VERDICT_SKIPPED);
	assert_true(c.s->got.ran[0]);
	assert_false(c.s->got.success);
	checked_end(&c);
}

static void test_a_checker_is_compiled_once_for_many_jobs(void **state)
{
	const struct cache_config cache = { .max_bytes = 1 << 20, .max_entries = 4, .tree = "t" };
	static const char *const argv[] = { "/bin/cc", NULL }, *const none[] = { NULL };
	struct checked c;
	struct submission *again;

	checked_make(&c, 1, 1, true);
	assert_int_equal(engine_set_cache(c.world.engine, &cache), 0);
	again = submission_make(&c.world, 1, true);
	again->request.checker = &c.checker;
	again->plan.checker = &c.plan;
	for (size_t i = 0; i < 2; i++) {
		struct plan_step *made = i ? &again->steps[0] : &c.s->steps[0];

		made->argv = argv;
		made->envp = none;
		made->cwd = i ? "/2" : "/1"; /* another program, the same checker */
	}
	c.steps[0].argv = argv;
	c.steps[0].envp = none;
	c.steps[0].cwd = "/box";
	submission_submit(c.s, "one");
	world_finish(&c.world);
	submission_submit(again, "two");
	world_finish(&c.world);
	assert_orders(&c.world, "mmrcmrc");
	assert_true(c.world.orders[6].artefact);
	assert_int_equal(again->got.verdict, VERDICT_ACCEPTED);
	submission_drop(again);
	checked_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_case_is_checked_after_its_end),
		cmocka_unit_test(test_only_the_checker_sees_what_is_expected),
		cmocka_unit_test(test_what_failed_is_not_checked),
		cmocka_unit_test(test_a_file_in_the_place_of_stdout_is_checked),
		cmocka_unit_test(test_stop_on_failure_waits_for_the_checker),
		cmocka_unit_test(test_a_checker_that_does_not_compile_blames_nobody_else),
		cmocka_unit_test(test_a_cancelled_check_accepts_nothing),
		cmocka_unit_test(test_what_no_time_is_left_to_check_is_skipped),
		cmocka_unit_test(test_a_checker_is_compiled_once_for_many_jobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Cases that came near their time limit over a fake backend: which are run again, when, how often, and what counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine_world.h"

#define LIMIT_MSEC 1000

/* What the n-th run of a case does; beyond its last word as the last. */
struct said {
	char what; /* t: time ends it, w: wall time does, b: the budget does, c: crash, x: wrong, i: host fails, m: ends right with much to say, else ends right */
	unsigned msec;
};

static struct {
	struct world world;
	struct submission *s;
	struct said said[CASES_MAX][REQUEST_REPEAT_MAX + 1];
	unsigned runs[CASES_MAX];
	char told[64]; /* on_case, in its order */
	struct case_result cases[CASES_MAX];
	struct case_run kept[CASES_MAX][REQUEST_REPEAT_MAX + 1];
	char errors[CASES_MAX][128];
} t;

static char much[300000]; /* a job's arena has room for three of it */

static void script(struct world *w, const struct backend_order *o, struct fake_end *to)
{
	int i = o->step->test;
	struct said now;

	if (o->step->kind != STEP_RUN)
		return;
	now = t.said[i][t.runs[i]];
	assert_int_equal(o->on_output != NULL, t.runs[i] == 0);
	t.runs[i]++;
	to->facts.cpu_usec = now.msec * 1000;
	to->facts.wall_usec = now.msec * 1000;
	switch (now.what) {
	case 't':
	case 'w':
	case 'b':
		to->facts.ended = 0;
		to->facts.kill = now.what == 't'   ? KILL_CPU
				 : now.what == 'w' ? KILL_WALL
						   : KILL_TOTAL_WALL;
		break;
	case 'c': fake_end_exit(to, 1); break;
	case 'x': to->out = TEXT("wrong"); break;
	case 'm': to->err = (struct text){ much, sizeof(much) }; break;
	case 'i': to->facts.setup_errno = 5; break;
	default: break;
	}
}

static void on_case(void *user, const struct result *r, size_t i)
{
	size_t n = strlen(t.told);

	assert_false(r->cases[i].again);
	snprintf(t.told + n, sizeof(t.told) - n, "%zu", i);
	t.cases[i] = r->cases[i];
	if (r->cases[i].nruns)
		memcpy(t.kept[i], r->cases[i].runs, r->cases[i].nruns * sizeof(t.kept[i][0]));
	snprintf(t.errors[i], sizeof(t.errors[i]), "%s", r->cases[i].error);
}

static void begin(size_t ncases, unsigned lanes, unsigned times)
{
	memset(&t, 0, sizeof(t));
	world_make(&t.world, lanes);
	t.world.script = script;
	t.s = submission_make(&t.world, ncases, false);
	t.s->on_case = on_case;
	t.s->plan.repeat = (struct request_repeat){ .said = true, .times = times };
	for (size_t i = 0; i < ncases; i++) {
		t.s->steps[i].limits.cpu_ms = t.s->steps[i].limits.wall_ms = LIMIT_MSEC;
		for (size_t k = 0; k <= REQUEST_REPEAT_MAX; k++)
			t.said[i][k] = (struct said){ 'a', 1 };
	}
}

static void finish(void)
{
	submission_submit(t.s, "one");
	world_finish(&t.world);
}

static void drop(void)
{
	submission_drop(t.s);
	world_end(&t.world);
}

static void assert_begun(const char *want)
{
	char got[64] = "";

	for (size_t i = 0; i < t.world.norders; i++)
		got[i] = (char)((t.world.orders[i].kind == STEP_CHECK ? 'a' : '0') +
				t.world.orders[i].test);
	assert_string_equal(got, want);
}

static void test_a_run_that_is_in_time_counts(void **state)
{
	begin(1, 1, 3);
	t.said[0][0] = (struct said){ 't', 1001 };
	t.said[0][1] = (struct said){ 'w', 1002 };
	t.said[0][2] = (struct said){ 'a', 990 };
	finish();
	assert_begun("000");
	assert_int_equal(t.s->got.verdict, VERDICT_ACCEPTED);
	assert_true(t.s->got.success);
	assert_string_equal(t.told, "0");
	assert_int_equal(t.cases[0].nruns, 3);
	assert_int_equal(t.cases[0].counted, 2);
	assert_int_equal(t.cases[0].outcome.facts.cpu_usec, 990000);
	assert_string_equal(t.errors[0], "");
	assert_int_equal(t.kept[0][0].verdict, VERDICT_TIME_LIMIT);
	assert_int_equal(t.kept[0][1].verdict, VERDICT_TIME_LIMIT);
	assert_int_equal(t.kept[0][1].cpu_usec, 1002000);
	assert_int_equal(t.kept[0][2].verdict, VERDICT_ACCEPTED);
	drop();
}

static void test_one_that_never_is_says_how_often_it_was_tried(void **state)
{
	begin(2, 1, 2);
	for (size_t k = 0; k < 3; k++)
		t.said[0][k] = (struct said){ 't', 1001 };
	finish();
	assert_begun("0100");
	assert_int_equal(t.s->got.cases[0], VERDICT_TIME_LIMIT);
	assert_int_equal(t.cases[0].counted, 0);
	assert_string_equal(t.errors[0],
			    "Time limit exceeded: 1.001 s of cpu time, 1.000 s allowed. The best "
			    "of 3 runs.");
	assert_string_equal(t.told, "10");
	drop();
}

static void test_what_does_not_hang_on_time_is_run_once(void **state)
{
	static const char whats[] = "cxib";

	for (size_t i = 0; whats[i]; i++) {
		begin(1, 1, 5);
		t.s->plan.repeat.within = 0.5;
		t.said[0][0] = (struct said){ whats[i], 999 };
		finish();
		assert_begun("0");
		assert_int_equal(t.cases[0].nruns, 0);
		drop();
	}
}

static void test_a_failure_after_a_time_limit_is_the_verdict(void **state)
{
	begin(1, 1, 5);
	t.said[0][0] = (struct said){ 't', 1001 };
	t.said[0][1] = (struct said){ 'c', 500 };
	finish();
	assert_begun("00");
	assert_int_equal(t.s->got.verdict, VERDICT_RUNTIME_ERROR);
	assert_non_null(strstr(t.errors[0], "exit code 1. The best of 2 runs."));
	drop();
}

static void test_a_host_that_fails_in_between_says_nothing_of_the_program(void **state)
{
	begin(1, 1, 5);
	t.said[0][0] = (struct said){ 't', 1001 };
	t.said[0][1] = (struct said){ 'i', 0 };
	finish();
	assert_begun("00");
	assert_int_equal(t.s->got.verdict, VERDICT_INTERNAL_ERROR);
	drop();
}

static void test_near_the_limit_the_fastest_counts(void **state)
{
	begin(1, 1, 3);
	t.s->plan.repeat.within = 0.1;
	t.said[0][0] = (struct said){ 'a', 950 };
	t.said[0][1] = (struct said){ 't', 1001 };
	t.said[0][2] = (struct said){ 'a', 930 };
	t.said[0][3] = (struct said){ 'x', 700 };
	finish();
	assert_begun("0000");
	assert_int_equal(t.s->got.verdict, VERDICT_ACCEPTED);
	assert_int_equal(t.cases[0].counted, 2);
	assert_int_equal(t.kept[0][3].verdict, VERDICT_WRONG_ANSWER);
	drop();
}

static void test_a_run_that_there_is_no_room_for_takes_nothing_away(void **state)
{
	begin(1, 1, 5);
	memset(much, 'x', sizeof(much));
	t.s->plan.repeat.within = 0.9;
	for (unsigned k = 0; k <= 5; k++)
		t.said[0][k] = (struct said){ 'm', 900 - k };
	finish();
	assert_int_equal(t.s->got.verdict, VERDICT_ACCEPTED);
	assert_int_equal(t.cases[0].nruns, 6);
	assert_true(t.cases[0].counted > 0 && t.cases[0].counted < 5);
	drop();
}

static void test_one_that_is_not_near_any_more_is_the_last(void **state)
{
	begin(1, 1, 5);
	t.s->plan.repeat.within = 0.1;
	t.said[0][0] = (struct said){ 'a', 901 };
	t.said[0][1] = (struct said){ 'a', 400 };
	finish();
	assert_begun("00");
	assert_int_equal(t.cases[0].counted, 1);
	drop();
}

static void test_it_waits_for_the_first_runs_of_all(void **state)
{
	begin(4, 2, 1);
	t.said[0][0] = t.said[2][0] = (struct said){ 't', 1001 };
	finish();
	assert_begun("012302");
	assert_int_equal(t.s->got.verdict, VERDICT_ACCEPTED);
	assert_string_equal(t.told, "1302");
	drop();
}

static void test_nothing_comes_before_it_where_the_first_failure_ends_all(void **state)
{
	begin(3, 2, 1);
	t.s->request.stop_on_failure = true;
	t.said[0][0] = (struct said){ 't', 1001 };
	t.said[1][0] = t.said[1][1] = (struct said){ 't', 1001 };
	finish();
	assert_begun("0011");
	assert_int_equal(t.s->got.cases[0], VERDICT_ACCEPTED);
	assert_int_equal(t.s->got.cases[1], VERDICT_TIME_LIMIT);
	assert_int_equal(t.s->got.cases[2], VERDICT_SKIPPED);
	drop();
}

static void test_the_budget_ends_it_and_what_was_run_stands(void **state)
{
	begin(2, 1, 5);
	t.s->plan.total_wall_ms = 2500;
	for (size_t k = 0; k < 6; k++)
		t.said[0][k] = (struct said){ 't', 1001 };
	t.said[0][1].msec = 1600;
	finish();
	assert_begun("010");
	assert_int_equal(t.s->got.cases[0], VERDICT_TIME_LIMIT);
	assert_int_equal(t.s->got.cases[1], VERDICT_ACCEPTED);
	assert_string_equal(t.told, "10");
	assert_int_equal(t.cases[0].nruns, 2);
	drop();
}

static void test_only_the_run_that_counts_is_checked(void **state)
{
	static struct request_checker checker;
	static struct language language = { .name = "checkers" };
	static struct plan_step step = { .kind = STEP_RUN, .test = -1 };
	static struct plan plan = { .language = &language, .steps = &step, .nsteps = 1 };

	begin(2, 1, 2);
	step.limits = limits_default;
	plan.request = &t.s->request;
	t.s->request.checker = &checker;
	t.s->plan.checker = &plan;
	t.s->plan.repeat.within = 0.1;
	t.said[0][0] = (struct said){ 't', 1001 };
	t.said[0][1] = (struct said){ 'a', 950 };
	t.said[0][2] = (struct said){ 'a', 940 };
	finish();
	assert_begun("01b00a");
	assert_int_equal(t.s->got.verdict, VERDICT_ACCEPTED);
	assert_int_equal(t.cases[0].counted, 2);
	assert_true(t.kept[0][1].unchecked);
	drop();
}

static void test_a_group_waits_for_it(void **state)
{
	static const struct request_group groups[] = { { .name = "a", .stop = GROUP_STOP } };
	static const struct plan_group planned[] = { { .asked = &groups[0], .stop = true } };
	static const size_t of[] = { 0, 0 };

	begin(2, 2, 1);
	t.s->request.groups = groups;
	t.s->request.ngroups = 1;
	t.s->plan.groups = planned;
	t.s->plan.group_of = of;
	t.said[0][0] = t.said[0][1] = (struct said){ 't', 1001 };
	finish();
	assert_begun("00");
	assert_int_equal(t.s->got.cases[1], VERDICT_SKIPPED);
	drop();
}

static void script_hold_second(struct world *w, const struct backend_order *o, struct fake_end *to)
{
	script(w, o, to);
	to->hold = t.runs[0] == 2;
}

static void test_a_cancelled_repetition_is_no_verdict(void **state)
{
	begin(1, 1, 5);
	t.world.script = script_hold_second;
	t.said[0][0] = (struct said){ 't', 1001 };
	submission_submit(t.s, "one");
	world_settle(&t.world);
	assert_begun("00");
	assert_string_equal(t.told, "");
	engine_cancel(t.world.engine, t.s->job);
	world_finish(&t.world);
	assert_int_equal(t.s->got.verdict, VERDICT_INTERNAL_ERROR);
	assert_string_equal(t.told, "0");
	drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_run_that_is_in_time_counts),
		cmocka_unit_test(test_one_that_never_is_says_how_often_it_was_tried),
		cmocka_unit_test(test_what_does_not_hang_on_time_is_run_once),
		cmocka_unit_test(test_a_failure_after_a_time_limit_is_the_verdict),
		cmocka_unit_test(test_a_host_that_fails_in_between_says_nothing_of_the_program),
		cmocka_unit_test(test_near_the_limit_the_fastest_counts),
		cmocka_unit_test(test_a_run_that_there_is_no_room_for_takes_nothing_away),
		cmocka_unit_test(test_one_that_is_not_near_any_more_is_the_last),
		cmocka_unit_test(test_it_waits_for_the_first_runs_of_all),
		cmocka_unit_test(test_nothing_comes_before_it_where_the_first_failure_ends_all),
		cmocka_unit_test(test_the_budget_ends_it_and_what_was_run_stands),
		cmocka_unit_test(test_only_the_run_that_counts_is_checked),
		cmocka_unit_test(test_a_group_waits_for_it),
		cmocka_unit_test(test_a_cancelled_repetition_is_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Cases in groups over a fake backend of several lanes: which run beside one another, and which are never begun. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/cleanup.h"
#include "engine_world.h"
#include "model/groups.h"

static const char *const first[] = { "a" };

/* Six cases: a a b b c c; b depends on a, c on nobody. */
static const struct request_group groups[] = {
	{ .name = "a" },
	{ .name = "b", .depends = first, .ndepends = 1 },
	{ .name = "c" },
};

static struct submission *make(struct world *w)
{
	struct submission *s = submission_make(w, 6, false);
	struct refusal refusal;

	s->request.groups = groups;
	s->request.ngroups = ARRAY_SIZE(groups);
	for (size_t i = 0; i < 6; i++)
		s->tests[i].group = groups[i / 2].name;
	assert_int_equal(groups_plan(&s->plan, &s->arena, &refusal), 0);
	return s;
}

static void assert_begun(const struct world *w, const char *want)
{
	char got[16] = "";

	for (size_t i = 0; i < w->norders; i++)
		got[i] = (char)('0' + w->orders[i].test);
	assert_string_equal(got, want);
}

static void test_one_of_each_group_at_a_time_and_none_before_its_turn(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 4);
	w.script = script_hold;
	s = make(&w);
	submission_submit(s, "one");
	world_settle(&w);
	assert_begun(&w, "04");
	assert_true(fake_release(w.backend)); /* 0 */
	world_settle(&w);
	assert_begun(&w, "041");
	assert_true(fake_release(w.backend)); /* 4 */
	world_settle(&w);
	assert_begun(&w, "0415");
	assert_true(fake_release(w.backend)); /* 1: all of a */
	world_settle(&w);
	assert_begun(&w, "04152");
	while (fake_release(w.backend))
		world_settle(&w);
	assert_true(s->done);
	assert_int_equal(s->got.verdict, VERDICT_ACCEPTED);
	submission_drop(s);
	world_end(&w);
}

static void script_fail_first(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	if (o->step->test == 0)
		fake_end_exit(end, 1);
}

static void test_a_failed_group_takes_along_who_depends_on_it(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 4);
	w.script = script_fail_first;
	s = make(&w);
	submission_submit(s, "one");
	world_finish(&w);
	assert_begun(&w, "045");
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(s->got.cases[i], VERDICT_SKIPPED);
	assert_int_equal(s->got.cases[5], VERDICT_ACCEPTED);
	submission_drop(s);
	world_end(&w);
}

static void script_fail_second_of_a(struct world *w, const struct backend_order *o,
				    struct fake_end *end)
{
	if (o->step->test == 1)
		fake_end_exit(end, 1);
	end->hold = o->step->test == 1;
}

/* Nothing runs any more when the last decision falls: the job must end all the same. */
static void test_the_last_decision_may_leave_nothing_to_run(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_fail_second_of_a;
	s = make(&w);
	submission_submit(s, "one");
	world_settle(&w);
	while (fake_release(w.backend))
		world_settle(&w);
	assert_true(s->done);
	assert_begun(&w, "0145");
	assert_int_equal(s->got.cases[2], VERDICT_SKIPPED);
	assert_int_equal(s->got.cases[3], VERDICT_SKIPPED);
	submission_drop(s);
	world_end(&w);
}

static void test_a_cancelled_job_ends(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_hold;
	s = make(&w);
	submission_submit(s, "one");
	world_settle(&w);
	engine_cancel(w.engine, s->job);
	world_finish(&w);
	assert_begun(&w, "04");
	assert_int_equal(s->got.cases[1], VERDICT_SKIPPED);
	submission_drop(s);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_of_each_group_at_a_time_and_none_before_its_turn),
		cmocka_unit_test(test_a_failed_group_takes_along_who_depends_on_it),
		cmocka_unit_test(test_the_last_decision_may_leave_nothing_to_run),
		cmocka_unit_test(test_a_cancelled_job_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

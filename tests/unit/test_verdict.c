/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts from facts: every pair of causes is tried, and the one that stands earlier in CAUSES must
 * win whatever the later one adds.
 */
#include "verdict_causes.h"

static bool applies(const struct cause *c, enum step_kind kind)
{
	return c->only != (kind == STEP_COMPILE ? RUN_ONLY : COMPILE_ONLY);
}

static void check(const struct facts *f, enum step_kind kind, enum verdict want, const char *a,
		  const char *b)
{
	for (int cmp = COMPARISON_NONE; cmp <= COMPARISON_DIFFERENT; cmp++) {
		enum verdict v = verdict_of(f, &limits, kind, (enum comparison)cmp);

		if (v != want)
			fail_msg("%s + %s (%s, comparison %d): %s, expected %s", a, b,
				 kind == STEP_COMPILE ? "compile" : "run", cmp, verdict_names[v],
				 verdict_names[want]);
	}
}

/* Each cause alone, then each with every later one. */
static void check_precedence(enum step_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		struct facts alone = good();

		if (!applies(&causes[i], kind))
			continue;
		causes[i].set(&alone);
		check(&alone, kind, expected_of(&causes[i], kind), causes[i].name, "nothing");
		for (size_t k = i + 1; k < ARRAY_SIZE(causes); k++) {
			struct facts both = good();

			if (causes[k].rank == causes[i].rank || !applies(&causes[k], kind))
				continue;
			/* The stronger last: both may say how the program ended. */
			causes[k].set(&both);
			causes[i].set(&both);
			check(&both, kind, expected_of(&causes[i], kind), causes[i].name,
			      causes[k].name);
		}
	}
}

static void test_precedence_of_a_run(void **state)
{
	(void)state;
	check_precedence(STEP_RUN);
}

static void test_precedence_of_a_compilation(void **state)
{
	(void)state;
	check_precedence(STEP_COMPILE);
}

static void test_a_good_end(void **state)
{
	struct facts f = good();

	(void)state;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_NONE), VERDICT_ACCEPTED);
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_ACCEPTED);
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_DIFFERENT),
			 VERDICT_WRONG_ANSWER);
	f.artefact = 1;
	assert_int_equal(verdict_of(&f, &limits, STEP_COMPILE, COMPARISON_NONE), VERDICT_ACCEPTED);
}

/* A limit touched by a program that then ended well changes nothing; neither do denied calls. */
static void test_touched_limits_of_a_good_end(void **state)
{
	struct facts f = good();
	const char *names[16];
	size_t n;

	(void)state;
	f.disk_full = 1;
	f.pids_events = 5;
	f.stderr_bytes = 16000;
	f.denied_total = 100;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_ACCEPTED);
	n = facts_limits_hit(&f, &limits, names, ARRAY_SIZE(names));
	assert_int_equal(n, 3);
	assert_string_equal(names[0], "processes");
	assert_string_equal(names[1], "output_bytes");
	assert_string_equal(names[2], "disk_kb");
	assert_int_equal(facts_limits_hit(&f, &limits, names, 2), 2);
}

/* Without a wait status: what killed it decides, and if nothing did, we do not know. */
static void test_an_end_that_nobody_saw(void **state)
{
	struct facts f = good();

	(void)state;
	f.ended = 0;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL),
			 VERDICT_INTERNAL_ERROR);
	f.oom_kills = 1;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_MEMORY_LIMIT);
	f.kill = KILL_WALL;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_TIME_LIMIT);
	f.oom_kills = 0;
	f.kill = KILL_OUTPUT;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_OUTPUT_LIMIT);
	/* Over a limit, but nobody knows whether that ended it. */
	f.kill = KILL_NONE;
	f.cpu_usec = 9000000;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL),
			 VERDICT_INTERNAL_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence_of_a_run),
		cmocka_unit_test(test_precedence_of_a_compilation),
		cmocka_unit_test(test_a_good_end),
		cmocka_unit_test(test_touched_limits_of_a_good_end),
		cmocka_unit_test(test_an_end_that_nobody_saw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What requests say of repetition and factors, and what results say of runs, factors and noise. */
#include "request_world.h"

#include "codec/fields.h"
#include "result_scene.h"

static void test_repeat(void **state)
{
	struct request req = TAKEN(HEAD "}");

	assert_false(req.repeat.said);
	req = TAKEN(HEAD ",\"repeat\":3}");
	assert_true(req.repeat.said && req.repeat.times == 3 && req.repeat.within == 0);
	req = TAKEN(HEAD ",\"repeat\":0}");
	assert_true(req.repeat.said && req.repeat.times == 0);
	req = TAKEN(HEAD ",\"repeat\":{\"within\":0.5,\"times\":5}}");
	assert_true(req.repeat.said && req.repeat.times == 5 && req.repeat.within == 0.5);
	req = TAKEN(HEAD ",\"repeat\":{\"within\":0,\"times\":1}}");
	assert_true(req.repeat.within == 0);
}

static void test_factors(void **state)
{
	struct request req = TAKEN(HEAD ",\"language_factors\":{\"python\":{\"time_factor\":2.5},"
					"\"java\":{\"memory_factor\":100,\"time_factor\":0.01},"
					"\"c\":{}}}");

	assert_int_equal(req.nlanguage_factors, 3);
	assert_string_equal(req.language_factors[0].language, "python");
	assert_true(req.language_factors[0].time == 2.5 && req.language_factors[0].memory == 0);
	assert_true(req.language_factors[1].time == 0.01 && req.language_factors[1].memory == 100);
	assert_true(req.language_factors[2].time == 0 && req.language_factors[2].memory == 0);
}

static void test_refusals(void **state)
{
	static const struct refused table[] = {
		{ HEAD ",\"repeat\":6}", "repeat: must be an integer from 0 to 5" },
		{ HEAD ",\"repeat\":-1}", "repeat: must be an integer from 0 to 5" },
		{ HEAD ",\"repeat\":1.5}", "repeat: must be an integer from 0 to 5, or an object" },
		{ HEAD ",\"repeat\":true}",
		  "repeat: must be an integer from 0 to 5, or an object" },
		{ HEAD ",\"repeat\":null}",
		  "repeat: must be an integer from 0 to 5, or an object" },
		{ HEAD ",\"repeat\":{}}", "repeat.times: is required" },
		{ HEAD ",\"repeat\":{\"times\":9}}",
		  "repeat.times: must be an integer from 0 to 5" },
		{ HEAD ",\"repeat\":{\"times\":1,\"within\":0.6}}",
		  "repeat.within: must be a number from 0 to 0.5" },
		{ HEAD ",\"repeat\":{\"times\":1,\"within\":-0.1}}",
		  "repeat.within: must be a number from 0 to 0.5" },
		{ HEAD ",\"repeat\":{\"times\":1,\"near\":1}}",
		  "repeat.near: is not a known field" },
		{ HEAD ",\"language_factors\":[]}", "language_factors: must be an object" },
		{ HEAD ",\"language_factors\":{\"c\":2}}",
		  "language_factors.c: must be an object" },
		{ HEAD ",\"language_factors\":{\"c\":{\"time_factor\":0}}}",
		  "language_factors.c.time_factor: must be a number from 0.01 to 100" },
		{ HEAD ",\"language_factors\":{\"c\":{\"memory_factor\":101}}}",
		  "language_factors.c.memory_factor: must be a number from 0.01 to 100" },
		{ HEAD ",\"language_factors\":{\"c\":{\"time_factor\":\"2\"}}}",
		  "language_factors.c.time_factor: must be a number from 0.01 to 100" },
		{ HEAD ",\"language_factors\":{\"c\":{\"disk_factor\":2}}}",
		  "language_factors.c.disk_factor: is not a known field" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		expect_refusal(table[i].body, strlen(table[i].body), table[i].error);
}

static void test_runs(void **state)
{
	_cleanup_(scene_done) struct scene s;
	struct case_run runs[] = {
		{ .verdict = VERDICT_TIME_LIMIT, .cpu_usec = 1000001, .wall_usec = 1100000 },
		{ .verdict = VERDICT_SKIPPED, .unchecked = true, .memory_peak_bytes = 4096 },
		{ .verdict = VERDICT_SKIPPED, .unchecked = true },
	};

	scene_init(&s, 2, false);
	s.cases[1].runs = runs;
	s.cases[1].nruns = 3;
	s.cases[1].counted = 2;
	encode(&s);
	assert_json(of_case(&s, 0, "runs"), "[]");
	assert_json(of_case(&s, 1, "runs"),
		    "[{\"verdict\":\"time_limit\",\"counted\":false,\"usage\":{\"cpu_ms\":1001,"
		    "\"wall_ms\":1100,\"memory_kb\":0}},{\"verdict\":null,\"counted\":false,"
		    "\"usage\":{\"cpu_ms\":0,\"wall_ms\":0,\"memory_kb\":4}},{\"verdict\":"
		    "\"accepted\",\"counted\":true,\"usage\":{\"cpu_ms\":0,\"wall_ms\":0,"
		    "\"memory_kb\":0}}]");
}

static void test_noise(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 3, false);
	s.cases[0].outcome.facts.throttled_known = s.cases[0].outcome.facts.waited_known = 1;
	s.cases[0].outcome.facts.throttled_usec = 1200;
	s.cases[0].outcome.facts.waited_usec = 5001;
	s.cases[2].ran = false;
	encode(&s);
	assert_json(of_case(&s, 0, "noise"), "{\"throttled_ms\":2,\"waited_ms\":6}");
	assert_json(of_case(&s, 1, "noise"), "{\"throttled_ms\":null,\"waited_ms\":null}");
	assert_json(of_case(&s, 2, "noise"), "{\"throttled_ms\":0,\"waited_ms\":0}");
}

static void test_limits_and_factors(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 2, false);
	s.plan.factors = (struct planner_factors){ 2.5, 1 };
	s.tests[0].limits.cpu_ms = 5;
	s.steps[0].limits.cpu_ms = 5;
	s.steps[1].limits.cpu_ms = 77;
	encode(&s);
	assert_json(top(&s, "factors"), "{\"time_factor\":2.5,\"memory_factor\":1}");
	assert_int_equal(json_integer_value(json_object_get(top(&s, "limits"), "cpu_ms")), 77);
	assert_int_equal(json_object_size(top(&s, "limits")), limit_table_len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_repeat),
		TEST(test_factors),
		TEST(test_refusals),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_limits_and_factors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

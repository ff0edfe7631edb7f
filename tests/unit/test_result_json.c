/* SPDX-License-Identifier: Apache-2.0 */
/* A result as it goes out: fields, their order, sums and unions over cases. Text is that of test_result_text.c. */
#include "result_scene.h"

#include <signal.h>

#include "codec/fields.h"

static void assert_keys(const json_t *object, const struct codec_field *fields, size_t n)
{
	void *iter = json_object_iter((json_t *)object);

	for (size_t i = 0; i < n; i++) {
		assert_non_null(iter);
		assert_string_equal(json_object_iter_key(iter), fields[i].name);
		iter = json_object_iter_next((json_t *)object, iter);
	}
	assert_null(iter);
}

static void test_whole_line(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 1, true);
	s.result.compile.outcome.err = TEXT("warning");
	encode(&s);
	assert_string_equal(
		s.text,
		"{\"status\":\"success\",\"output\":\"exp\",\"error\":\"\",\"test_results\":[{"
		"\"input\":\"in\\u0000\",\"expected\":\"exp\",\"actual\":\"exp\",\"passed\":true,"
		"\"verdict\":\"accepted\",\"error\":\"\",\"stderr\":\"\",\"exit_code\":0,\"signal\":null,"
		"\"usage\":{\"cpu_ms\":2,\"wall_ms\":3,\"memory_kb\":10},"
		"\"truncated\":{\"output\":false,\"stderr\":false},\"encoding_replaced\":false,"
		"\"denied_syscalls\":[],\"limits_hit\":[],\"runner\":\"cold\",\"difference\":null,\"comment\":null,\"checker\":null,\"interactor\":null,\"points\":null,\"group\":null,"
		"\"runs\":[],\"noise\":{\"throttled_ms\":null,\"waited_ms\":null},\"files\":null,\"files_missing\":null}],"
		"\"verdict\":\"accepted\",\"stderr\":\"\","
		"\"exit_code\":0,\"signal\":null,\"usage\":{\"cpu_ms\":2,\"wall_ms\":3,\"memory_kb\":10},"
		"\"compile\":{\"exit_code\":0,\"output\":\"warning\","
		"\"usage\":{\"cpu_ms\":2,\"wall_ms\":3,\"memory_kb\":10},\"cached\":false},"
		"\"truncated\":{\"output\":false,\"stderr\":false},\"encoding_replaced\":false,"
		"\"denied_syscalls\":[],\"limits_hit\":[],\"runner\":\"cold\",\"id\":\"job1\",\"checker\":null,\"interactor\":null,\"score\":null,\"groups\":[],"
		"\"limits\":{\"cpu_ms\":30000,\"wall_ms\":60000,\"memory_kb\":524288,\"processes\":64,"
		"\"open_files\":1024,\"output_bytes\":1048576,\"disk_kb\":65536,\"inodes\":4096,"
		"\"file_kb\":65536,\"total_wall_ms\":300000},"
		"\"factors\":{\"time_factor\":0,\"memory_factor\":0},\"files\":null,\"files_missing\":null}\n");
}

static void test_order_is_the_tables(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 2, false);
	encode(&s);
	assert_keys(s.json, result_fields, result_fields_len);
	assert_keys(json_array_get(top(&s, "test_results"), 1), case_result_fields,
		    case_result_fields_len);
}

static void test_runner_is_that_of_the_first_that_ran(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 3, false);
	s.cases[0].ran = false;
	s.cases[0].verdict = VERDICT_SKIPPED;
	s.cases[1].outcome.facts.runner = START_POOLED;
	s.cases[2].outcome.facts.runner = START_WARM;
	encode(&s);
	assert_json(top(&s, "runner"), "\"pooled\"");
	for (size_t i = 0; i < 3; i++) {
		static const char *const want[] = { "null", "\"pooled\"", "\"warm\"" };

		assert_json(json_object_get(json_array_get(top(&s, "test_results"), i), "runner"),
			    want[i]);
	}
}

static void test_runner_is_cold_where_none_ran(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 1, true);
	s.cases[0].ran = false;
	encode(&s);
	assert_json(top(&s, "runner"), "\"cold\"");
}

static void test_plain_run(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 0, false);
	s.result.id = NULL;
	s.cases[0].outcome.out = TEXT("a\0b");
	s.cases[0].outcome.err = TEXT("e");
	encode(&s);
	assert_json(top(&s, "test_results"), "[]");
	assert_json(top(&s, "output"), "\"a\\u0000b\"");
	assert_json(top(&s, "stderr"), "\"e\"");
	assert_json(top(&s, "compile"), "null");
	assert_json(top(&s, "id"), "null");
}

static void test_subject_is_first_not_accepted(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 3, false);
	s.cases[0].outcome.err = TEXT("first");
	s.cases[1] = a_case(TEXT("x"), SIGSEGV);
	s.cases[1].verdict = VERDICT_RUNTIME_ERROR;
	s.cases[1].passed = false;
	s.cases[1].error = "Ended by SIGSEGV.";
	s.cases[1].outcome.err = TEXT("second");
	s.cases[1].outcome.err_truncated = true;
	s.cases[2] = a_case(TEXT("y"), EXITED(3));
	s.cases[2].verdict = VERDICT_RUNTIME_ERROR;
	s.result.verdict = VERDICT_RUNTIME_ERROR;
	s.result.success = false;
	s.result.error = "Ended by SIGSEGV.";
	encode(&s);
	assert_json(top(&s, "status"), "\"error\"");
	assert_json(top(&s, "error"), "\"Ended by SIGSEGV.\"");
	assert_json(top(&s, "verdict"), "\"runtime_error\"");
	assert_json(top(&s, "exit_code"), "null");
	assert_json(top(&s, "signal"), "\"SIGSEGV\"");
	assert_json(top(&s, "stderr"), "\"second\"");
	assert_json(top(&s, "truncated"), "{\"output\":false,\"stderr\":true}");
	assert_json(of_case(&s, 1, "passed"), "false");
	assert_json(of_case(&s, 1, "error"), "\"Ended by SIGSEGV.\"");
	assert_json(of_case(&s, 1, "truncated"), "{\"output\":false,\"stderr\":true}");
	assert_json(of_case(&s, 2, "exit_code"), "3");
	assert_json(of_case(&s, 0, "stderr"), "\"first\"");
}

static void test_skipped(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 2, true);
	s.result.compile.outcome.facts.wait_status = EXITED(1);
	s.result.compile.outcome.out = TEXT("o");
	s.result.compile.outcome.err = TEXT("e");
	for (size_t i = 0; i < 2; i++)
		s.cases[i] = (struct case_result){ .verdict = VERDICT_SKIPPED };
	s.result.verdict = VERDICT_COMPILE_ERROR;
	s.result.success = false;
	encode(&s);
	assert_json(top(&s, "compile"),
		    "{\"exit_code\":1,\"output\":\"oe\","
		    "\"usage\":{\"cpu_ms\":2,\"wall_ms\":3,\"memory_kb\":10},\"cached\":false}");
	assert_json(top(&s, "verdict"), "\"compile_error\"");
	assert_json(top(&s, "exit_code"), "null");
	assert_json(top(&s, "usage"), "{\"cpu_ms\":0,\"wall_ms\":0,\"memory_kb\":0}");
	assert_int_equal(json_array_size(top(&s, "test_results")), 2);
	assert_json(of_case(&s, 1, "actual"), "\"\"");
	assert_json(of_case(&s, 1, "passed"), "false");
	assert_json(of_case(&s, 1, "verdict"), "\"skipped\"");
	assert_json(of_case(&s, 1, "exit_code"), "null");
	assert_json(of_case(&s, 1, "error"), "\"\"");
	assert_json(of_case(&s, 1, "denied_syscalls"), "[]");
}

static void test_usage_sums(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 3, false);
	s.cases[0].outcome.facts.memory_peak_bytes = 1;
	s.cases[1].outcome.facts.memory_peak_bytes = 4097;
	s.cases[2].outcome.facts.memory_peak_bytes = 1024;
	s.cases[2].outcome.facts.cpu_usec = 1001;
	encode(&s);
	/* 1500 + 1500 + 1001 microseconds, rounded up once. */
	assert_json(top(&s, "usage"), "{\"cpu_ms\":5,\"wall_ms\":8,\"memory_kb\":5}");
	assert_json(of_case(&s, 2, "usage"), "{\"cpu_ms\":2,\"wall_ms\":3,\"memory_kb\":1}");
}

static void test_denied(void **state)
{
	_cleanup_(scene_done) struct scene s;
	struct facts *f;

	scene_init(&s, 2, true);
	f = &s.cases[0].outcome.facts;
	f->ndenied = 2;
	f->denied[0] = (struct denied_call){ .arch = 1, .nr = 165, .count = 2 };
	f->denied[1] = (struct denied_call){ .arch = 1, .nr = 7, .count = 1 };
	f = &s.cases[1].outcome.facts;
	f->ndenied = 1;
	f->denied[0] = (struct denied_call){ .arch = 1, .nr = 165, .count = 3 };
	f->denied_other = 4;
	encode(&s);
	assert_json(of_case(&s, 0, "denied_syscalls"),
		    "[{\"name\":\"mount\",\"count\":2},{\"name\":\"number_7\",\"count\":1}]");
	assert_json(of_case(&s, 1, "denied_syscalls"),
		    "[{\"name\":\"mount\",\"count\":3},{\"name\":\"other\",\"count\":4}]");
	assert_json(top(&s, "denied_syscalls"),
		    "[{\"name\":\"mount\",\"count\":5},{\"name\":\"number_7\","
		    "\"count\":1},{\"name\":\"other\",\"count\":4}]");
	s.cases[1].outcome.facts.denied_known = 0;
	encode(&s);
	assert_json(of_case(&s, 1, "denied_syscalls"), "null");
	assert_json(top(&s, "denied_syscalls"), "null");
}

/* Its interactor had rejected it before there was anything to watch. */
static void test_nothing_was_denied_before_a_program_began(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 2, false);
	s.cases[1].outcome.facts = (struct facts){ .kill = KILL_DECIDED };
	encode(&s);
	assert_json(of_case(&s, 1, "denied_syscalls"), "[]");
	assert_json(of_case(&s, 1, "noise"), "{\"throttled_ms\":0,\"waited_ms\":0}");
	assert_json(top(&s, "denied_syscalls"), "[]");
}

static void test_denied_more_than_fit(void **state)
{
	_cleanup_(scene_done) struct scene s;
	const json_t *list;

	scene_init(&s, 2, false);
	for (int i = 0; i < FACTS_DENIED_MAX; i++) {
		s.cases[0].outcome.facts.denied[i] = (struct denied_call){ .nr = i, .count = 1 };
		s.cases[1].outcome.facts.denied[i] =
			(struct denied_call){ .nr = 900 + i, .count = 1 };
	}
	s.cases[0].outcome.facts.ndenied = s.cases[1].outcome.facts.ndenied = FACTS_DENIED_MAX;
	encode(&s);
	list = top(&s, "denied_syscalls");
	assert_int_equal(json_array_size(list), FACTS_DENIED_MAX + 1);
	assert_json(json_array_get(list, FACTS_DENIED_MAX), "{\"name\":\"other\",\"count\":32}");
}

static void test_limits_hit(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 2, false);
	s.cases[0].outcome.facts.oom_kills = 1;
	s.cases[1].outcome.facts.oom_kills = 1;
	encode(&s);
	assert_json(of_case(&s, 0, "limits_hit"), "[\"memory_kb\"]");
	assert_json(top(&s, "limits_hit"), "[\"memory_kb\"]");
}

static void test_no_options(void **state)
{
	_cleanup_(scene_done) struct scene s;
	size_t len;

	scene_init(&s, 0, false);
	s.cases[0].outcome.facts.ndenied = 1;
	s.cases[0].outcome.facts.denied[0] = (struct denied_call){ .nr = 165, .count = 1 };
	assert_int_equal(result_json_encode(&s.result, NULL, &s.text, &len), 0);
	assert_non_null(strstr(s.text, "[{\"name\":\"syscall_165\",\"count\":1}]"));
}

static void test_refusal(void **state)
{
	struct refusal refusal = { .field = "test_cases[3].input", .rule = "is required" };
	_cleanup_free_ char *field = NULL, *body = NULL;
	size_t len;

	assert_int_equal(result_json_encode_refusal(&refusal, &field, &len), 0);
	assert_string_equal(field, "{\"status\":\"error\",\"output\":\"\","
				   "\"error\":\"test_cases[3].input: is required\","
				   "\"test_results\":[],\"verdict\":null}\n");
	assert_int_equal(len, strlen(field));
	refusal = (struct refusal){ .field = "", .rule = "must be an object\xff" };
	assert_int_equal(result_json_encode_refusal(&refusal, &body, &len), 0);
	assert_non_null(strstr(body, "\"error\":\"body: must be an object\xef\xbf\xbd\""));
}

static void test_failure(void **state)
{
	_cleanup_free_ char *out = NULL;
	size_t len;

	assert_int_equal(result_json_encode_failure("j7", "no lane", &out, &len), 0);
	assert_string_equal(out,
			    "{\"status\":\"error\",\"output\":\"\",\"error\":\"no lane\","
			    "\"test_results\":[],\"verdict\":\"internal_error\",\"id\":\"j7\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_line),
		cmocka_unit_test(test_order_is_the_tables),
		cmocka_unit_test(test_plain_run),
		cmocka_unit_test(test_runner_is_that_of_the_first_that_ran),
		cmocka_unit_test(test_runner_is_cold_where_none_ran),
		cmocka_unit_test(test_subject_is_first_not_accepted),
		cmocka_unit_test(test_skipped),
		cmocka_unit_test(test_usage_sums),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_nothing_was_denied_before_a_program_began),
		cmocka_unit_test(test_denied_more_than_fit),
		cmocka_unit_test(test_limits_hit),
		cmocka_unit_test(test_no_options),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken of a request arrives as sent; a tests file; what the tables of fields say is true. */
#include "request_world.h"

#include "codec/fields.h"

static void assert_text(struct text text, const char *want, size_t len)
{
	assert_int_equal(text.len, len);
	assert_memory_equal(text.data, want, len);
}

static void test_smallest(void **state)
{
	struct request req = TAKEN("{\"code\":\"\",\"language\":\"python\"}");

	assert_text(req.code, "", 0);
	assert_string_equal(req.language, "python");
	assert_null(req.stdin_text.data);
	assert_int_equal(req.ntests + req.nargs + req.nenv + req.nfiles, 0);
	assert_int_equal(req.compare.mode, COMPARE_TRIM);
	assert_false(req.stop_on_failure || req.fresh);
	assert_int_equal(req.output_encoding, ENCODING_UTF8);
	for (size_t i = 0; i < limit_table_len; i++)
		assert_int_equal(*limits_at(&req.limits, &limit_table[i]), 0);
}

static void test_everything(void **state)
{
	struct request req = TAKEN(
		"{\"code\":\"a\\u0000b\",\"language\":\"Py\",\"args\":[\"\",\"x y\"],\"env\":{\"A\":\"1\",\"B\":\"\"},"
		"\"files\":[{\"name\":\"t.txt\",\"content\":\"\\u0000\xc3\xa4\"},"
		"{\"name\":\"b\",\"content\":\"AP8=\",\"encoding\":\"base64\"},"
		"{\"name\":\"u\",\"content\":\"AP8=\",\"encoding\":\"utf-8\"}],"
		"\"test_cases\":[{\"input\":\"7\\u0000\",\"expected\":\"49\"},"
		"{\"expected\":\"\",\"input\":\"\",\"limits\":{\"cpu_ms\":5}}],"
		"\"compare\":{\"mode\":\"float\",\"abs\":0,\"rel\":0.5},\"stop_on_failure\":true,\"fresh\":true,"
		"\"output_encoding\":\"base64\",\"limits\":{\"total_wall_ms\":9223372036854775807,"
		"\"memory_kb\":1}}");

	assert_text(req.code, "a\0b", 3);
	assert_string_equal(req.language, "Py");
	assert_int_equal(req.nargs, 2);
	assert_string_equal(req.args[0], "");
	assert_string_equal(req.args[1], "x y");
	assert_int_equal(req.nenv, 2);
	assert_string_equal(req.env[0].name, "A");
	assert_string_equal(req.env[0].value, "1");
	assert_string_equal(req.env[1].value, "");
	assert_int_equal(req.nfiles, 3);
	assert_string_equal(req.files[0].name, "t.txt");
	assert_text(req.files[0].content, "\0\xc3\xa4", 3);
	assert_text(req.files[1].content, "\0\xff", 2);
	assert_text(req.files[2].content, "AP8=", 4);
	assert_int_equal(req.ntests, 2);
	assert_text(req.tests[0].input, "7\0", 2);
	assert_text(req.tests[0].expected, "49", 2);
	assert_int_equal(req.tests[0].limits.cpu_ms, 0);
	assert_int_equal(req.tests[1].limits.cpu_ms, 5);
	assert_int_equal(req.compare.mode, COMPARE_FLOAT);
	assert_true(req.compare.abs == 0 && req.compare.rel == 0.5);
	assert_true(req.stop_on_failure && req.fresh);
	assert_int_equal(req.output_encoding, ENCODING_BASE64);
	assert_int_equal(req.limits.total_wall_ms, INT64_MAX);
	assert_int_equal(req.limits.memory_kb, 1);
}

static void test_stdin(void **state)
{
	struct request req = TAKEN(HEAD ",\"stdin\":\"a\\u0000\"}");

	assert_text(req.stdin_text, "a\0", 2);
	req = TAKEN(HEAD ",\"stdin\":\"\",\"test_cases\":[]}");
	assert_non_null(req.stdin_text.data);
	assert_int_equal(req.stdin_text.len, 0);
}

static void test_compare_names(void **state)
{
	static const char *const names[] = { "trim", "exact", "tokens", "float", "unordered" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char body[128];
		struct request req;

		snprintf(body, sizeof(body), HEAD ",\"compare\":\"%s\"}", names[i]);
		req = taken(body, strlen(body));
		assert_int_equal(req.compare.mode, i);
		snprintf(body, sizeof(body), HEAD ",\"compare\":{\"mode\":\"%s\"}}", names[i]);
		req = taken(body, strlen(body));
		assert_int_equal(req.compare.mode, i);
		assert_true(req.compare.abs == 1e-9 && req.compare.rel == 1e-9);
	}
}

static void test_every_limit(void **state)
{
	for (size_t i = 0; i < limit_table_len; i++) {
		char body[160], want[160];
		struct request req;

		snprintf(body, sizeof(body), HEAD ",\"limits\":{\"%s\":77}}", limit_table[i].name);
		req = taken(body, strlen(body));
		assert_int_equal(*limits_at(&req.limits, &limit_table[i]), 77);
		snprintf(body, sizeof(body), HEAD ",\"limits\":{\"%s\":0}}", limit_table[i].name);
		snprintf(want, sizeof(want), "limits.%s: must be an integer of at least 1",
			 limit_table[i].name);
		expect_refusal(body, strlen(body), want);
	}
}

static void test_out_of_memory(void **state)
{
	static const char body[] = HEAD ",\"args\":[\"some\",\"more\"],\"env\":{\"A\":\"b\"},"
					"\"files\":[{\"name\":\"f\",\"content\":\"c\"}]}";
	bool done = false;

	for (size_t max = 0; !done; max += 8) {
		struct refusal refusal;
		struct request req;
		struct arena tight;
		int rc;

		arena_init(&tight, max);
		rc = request_json_decode(body, sizeof(body) - 1, &tight, &req, &refusal);
		assert_true(rc == 0 || rc == -12 /* ENOMEM */);
		done = rc == 0;
		arena_done(&tight);
		assert_true(max < MEGABYTE);
	}
}

static int decode_tests(const char *body, struct request *into, char *error, size_t size)
{
	struct refusal refusal = { .field = "" };
	int rc = request_json_decode_tests(body, strlen(body), &arena, into, &refusal);

	snprintf(error, size, "%s: %s", refusal.field, refusal.rule);
	return rc;
}

static void test_tests_file(void **state)
{
	static const char *const good[] = {
		"[{\"input\":\"1\",\"expected\":\"2\"}]",
		"{\"test_cases\":[{\"input\":\"1\",\"expected\":\"2\"}]}",
		"{\"test_cases\":[{\"input\":\"1\",\"expected\":\"2\"}],\"language\":\"c\",\"limits\":{\"cpu_ms\":1}}",
	};
	static const struct refused table[] = {
		{ "{}", "test_cases: is required" },
		{ "3", ": must be an array of test cases, or an object with test_cases" },
		{ "[{\"input\":\"1\"}]", "test_cases[0].expected: is required" },
		{ "{\"test_cases\":[],\"code\":\"\"}", "code: comes from the program's own file" },
		{ "{\"test_cases\":[],\"x\":\"\"}", "x: is not a known field" },
		{ "{\"test_cases\":[{\"input\":\"1\",\"expected\":\"2\"}],\"stdin\":\"\"}",
		  "stdin: is refused together with test_cases" },
	};
	char error[512];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct request req = { .code = TEXT("kept"), .language = "kept" };

		assert_int_equal(decode_tests(good[i], &req, error, sizeof(error)), 0);
		assert_text(req.code, "kept", 4);
		assert_string_equal(req.language, i == 2 ? "c" : "kept");
		assert_int_equal(req.limits.cpu_ms, i == 2);
		assert_int_equal(req.ntests, 1);
		assert_text(req.tests[0].expected, "2", 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct request req = { .ntests = 0 };

		assert_int_equal(decode_tests(table[i].body, &req, error, sizeof(error)), 1);
		assert_string_equal(error, table[i].error);
	}
}

/* What the docs list is what the decoder takes: each field of the table, and required ones are. */
static void test_field_table(void **state)
{
	for (size_t i = 0; i < request_fields_len; i++) {
		struct refusal refusal;
		struct request req;
		char body[128];

		snprintf(body, sizeof(body), "{\"%s\":[[]]}", request_fields[i].name);
		assert_int_equal(request_json_decode(body, strlen(body), &arena, &req, &refusal),
				 1);
		assert_null(strstr(refusal.rule, "not a known field"));
		assert_int_equal(request_fields[i].required, i < 2);
	}
}

static void test_markdown(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	assert_int_equal(fields_markdown(&text, &len), 0);
	assert_int_equal(len, strlen(text));
	assert_non_null(strstr(text, "| `test_cases` | array of test cases | no |"));
	assert_non_null(strstr(text, "| `code` | string | yes |"));
	assert_non_null(strstr(text, "| `cpu_ms` | 30000 | 600000 |"));
	assert_non_null(strstr(text, "| `memory_limit` |"));
	assert_non_null(strstr(text, "| `encoding_replaced` | boolean |"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_smallest),	  TEST(test_everything),  TEST(test_stdin),
		TEST(test_compare_names), TEST(test_every_limit), TEST(test_out_of_memory),
		TEST(test_tests_file),	  TEST(test_field_table), TEST(test_markdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

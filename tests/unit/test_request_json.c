/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule of a request: what is taken arrives as sent, what is refused is told by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/fields.h"
#include "codec/json_read.h"
#include "codec/request_json.h"

#define MEGABYTE ((size_t)1 << 20)
#define HEAD "{\"code\":\"\",\"language\":\"c\""

static struct arena arena;

static int fresh_arena(void **state)
{
	arena_init(&arena, 64 * MEGABYTE);
	return 0;
}

static int drop_arena(void **state)
{
	arena_done(&arena);
	return 0;
}

static struct request taken(const char *body, size_t len)
{
	struct refusal refusal = { .field = "" };
	struct request req;
	int rc = request_json_decode(body, len, &arena, &req, &refusal);

	if (rc != 0)
		fail_msg("%.200s: %d %s: %s", body, rc, refusal.field, refusal.rule);
	return req;
}

#define TAKEN(literal) taken(literal, sizeof(literal) - 1)

static void assert_text(struct text text, const char *want, size_t len)
{
	assert_int_equal(text.len, len);
	assert_memory_equal(text.data, want, len);
}

static void expect_refusal(const char *body, size_t len, const char *want)
{
	struct refusal refusal = { .field = "" };
	struct request req = { .nargs = 12345 };
	char got[512];
	int rc = request_json_decode(body, len, &arena, &req, &refusal);

	snprintf(got, sizeof(got), "%s: %s", refusal.field, refusal.rule);
	if (rc != 1)
		fail_msg("%.200s was taken or failed: %d", body, rc);
	if (strcmp(got, want) != 0)
		fail_msg("%.200s\n  got    %s\n  wanted %s", body, got, want);
	assert_int_equal(req.nargs, 12345); /* untouched */
}

struct refused {
	const char *body, *error;
};

static void expect_refusals(const struct refused *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_refusal(table[i].body, strlen(table[i].body), table[i].error);
}

#define EXPECT_REFUSALS(table) expect_refusals(table, ARRAY_SIZE(table))

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

static void test_body(void **state)
{
	static const struct refused table[] = {
		{ "[]", ": must be an object" },
		{ "null", ": must be an object" },
		{ "\"x\"", ": must be an object" },
		{ "{}", "code: is required" },
		{ "{\"code\":\"\"}", "language: is required" },
		{ "{\"language\":\"c\"}", "code: is required" },
		{ "{\"code\":\"\",\"lang\":\"c\"}", "lang: is not a known field" },
		{ HEAD ",\"colour\":1}", "colour: is not a known field" },
		{ HEAD ",\"\":1}", ": is not a known field" },
		{ HEAD ",\"a\\u001bb\":1}", "a?b: is not a known field" },
		{ HEAD ",\"code\":\"\"}", "code: appears twice" },
		{ HEAD ",\"limits\":{\"cpu_ms\":1,\"cpu_ms\":2}}", "cpu_ms: appears twice" },
		{ "{\"a23456789012345678901\":1,\"a23456789012345678901\":2}",
		  ": has a key that appears twice (line 1, column 50)" },
		{ "", ": is not valid JSON: unexpected token near end of file (line 1, column 0)" },
		{ "{\"code\":}",
		  ": is not valid JSON: unexpected token near '}' (line 1, column 9)" },
		{ "{\"code\":\"\",}",
		  ": is not valid JSON: string or '}' expected near '}' (line 1, column 12)" },
		{ "{} {}",
		  ": is not valid JSON: end of file expected near '{' (line 1, column 4)" },
		{ "{\"code\":NaN}",
		  ": is not valid JSON: invalid token near 'NaN' (line 1, column 11)" },
		{ "{\"code\":\"\xff\"}",
		  ": is not valid JSON: unable to decode byte 0xff near '\"' (line 1, column 9)" },
		{ HEAD ",\"a\\u0000b\":1}",
		  ": is not valid JSON: NUL byte in object key not supported near '\"a\\u0000b\"' "
		  "(line 1, column 36)" },
		{ "{\"code\":\"\\ud800\"}",
		  ": is not valid JSON: invalid Unicode '\\uD800' near '\"\\ud800\"' (line 1, column 16)" },
		{ HEAD ",\"limits\":{\"cpu_ms\":9223372036854775808}}",
		  ": has a number out of range: too big integer near '9223372036854775808' "
		  "(line 1, column 64)" },
		{ HEAD ",\"limits\":{\"cpu_ms\":-9223372036854775809}}",
		  ": has a number out of range: too big negative integer near '-9223372036854775809' "
		  "(line 1, column 65)" },
		{ HEAD ",\"compare\":{\"mode\":\"float\",\"abs\":1e999}}",
		  ": has a number out of range: real number overflow near '1e999' (line 1, column 63)" },
	};

	EXPECT_REFUSALS(table);
	expect_refusal(
		"{}\0", 3,
		": is not valid JSON: end of file expected near end of file (line 1, column 3)");
}

static void test_scalars(void **state)
{
	static const struct refused table[] = {
		{ "{\"code\":null,\"language\":\"c\"}", "code: must be a string" },
		{ "{\"code\":1,\"language\":\"c\"}", "code: must be a string" },
		{ "{\"code\":\"\",\"language\":null}", "language: must be a string" },
		{ "{\"code\":\"\",\"language\":\"c\\u0000\"}", "language: must not hold NUL" },
		{ HEAD ",\"stdin\":null}", "stdin: must be a string" },
		{ HEAD ",\"stdin\":[\"\"]}", "stdin: must be a string" },
		{ HEAD ",\"fresh\":1}", "fresh: must be true or false" },
		{ HEAD ",\"fresh\":null}", "fresh: must be true or false" },
		{ HEAD ",\"stop_on_failure\":\"true\"}", "stop_on_failure: must be true or false" },
		{ HEAD ",\"output_encoding\":\"utf8\"}",
		  "output_encoding: must be \"utf-8\" or \"base64\"" },
		{ HEAD ",\"output_encoding\":true}", "output_encoding: must be a string" },
		{ HEAD ",\"output_encoding\":\"base64\\u0000\"}",
		  "output_encoding: must not hold NUL" },
	};

	EXPECT_REFUSALS(table);
}

static void test_cases(void **state)
{
	static const struct refused table[] = {
		{ HEAD ",\"test_cases\":null}", "test_cases: must be an array" },
		{ HEAD ",\"test_cases\":{}}", "test_cases: must be an array" },
		{ HEAD ",\"test_cases\":[1]}", "test_cases[0]: must be an object" },
		{ HEAD ",\"test_cases\":[{}]}", "test_cases[0].input: is required" },
		{ HEAD ",\"test_cases\":[{\"input\":\"\",\"expected\":\"\"},{\"expected\":\"\"}]}",
		  "test_cases[1].input: is required" },
		{ HEAD ",\"test_cases\":[{\"input\":\"\"}]}",
		  "test_cases[0].expected: is required" },
		{ HEAD ",\"test_cases\":[{\"input\":7,\"expected\":\"\"}]}",
		  "test_cases[0].input: must be a string" },
		{ HEAD ",\"test_cases\":[{\"input\":\"\",\"expected\":null}]}",
		  "test_cases[0].expected: must be a string" },
		{ HEAD ",\"test_cases\":[{\"input\":\"\",\"expected\":\"\",\"output\":\"\"}]}",
		  "test_cases[0].output: is not a known field" },
		{ HEAD
		  ",\"test_cases\":[{\"input\":\"\",\"expected\":\"\",\"limits\":{\"cpu_ms\":1.0}}]}",
		  "test_cases[0].limits.cpu_ms: must be an integer of at least 1" },
		{ HEAD
		  ",\"test_cases\":[{\"input\":\"\",\"expected\":\"\",\"limits\":{\"total_wall_ms\":1}}]}",
		  "test_cases[0].limits.total_wall_ms: belongs in the limits of the whole request" },
		{ HEAD ",\"test_cases\":[{\"input\":\"\",\"expected\":\"\"}],\"stdin\":\"\"}",
		  "stdin: is refused together with test_cases" },
	};

	EXPECT_REFUSALS(table);
}

/* HEAD, `before`, then `n` times `each` with commas, then `after`. */
static char *repeated(const char *before, const char *each, size_t n, const char *after)
{
	char *body =
		malloc(strlen(HEAD) + strlen(before) + n * (strlen(each) + 1) + strlen(after) + 1);
	char *p = body;

	assert_non_null(body);
	p = stpcpy(stpcpy(p, HEAD), before);
	for (size_t i = 0; i < n; i++)
		p = stpcpy(i ? stpcpy(p, ",") : p, each);
	stpcpy(p, after);
	return body;
}

static void test_counts(void **state)
{
	static const char *const one = "{\"input\":\"\",\"expected\":\"\"}";
	_cleanup_free_ char *most = repeated(",\"test_cases\":[", one, 1000, "]}");
	_cleanup_free_ char *more = repeated(",\"test_cases\":[", one, 1001, "]}");
	_cleanup_free_ char *args = repeated(",\"args\":[", "\"\"", 257, "]}");
	_cleanup_free_ char *files = repeated(",\"files\":[", "{}", 257, "]}");
	_cleanup_free_ char *values = repeated(",\"x\":[", "0", JSON_READ_VALUES_MAX, "]}");
	/* Commas, brackets and quotes inside of strings are no values. */
	_cleanup_free_ char *quiet = repeated(",\"stdin\":\"", ",[{\\\"\\\\", 30000, "\"}");

	assert_int_equal(taken(most, strlen(most)).ntests, 1000);
	expect_refusal(more, strlen(more), "test_cases: must have at most 1000 entries");
	expect_refusal(args, strlen(args), "args: must have at most 256 entries");
	expect_refusal(files, strlen(files), "files: must have at most 256 entries");
	expect_refusal(values, strlen(values), ": has more than 65536 values");
	assert_int_equal(taken(quiet, strlen(quiet)).stdin_text.len, 30000 * 6 - 1);
}

static void test_deep_nesting(void **state)
{
	size_t n = 60000;
	_cleanup_free_ char *body = malloc(n);

	memset(body, '[', n);
	expect_refusal(body, n,
		       ": is not valid JSON: maximum parsing depth reached near '[' "
		       "(line 1, column 2049)");
}

static void test_args_and_env(void **state)
{
	static const struct refused table[] = {
		{ HEAD ",\"args\":null}", "args: must be an array" },
		{ HEAD ",\"args\":[\"\",1]}", "args[1]: must be a string" },
		{ HEAD ",\"args\":[\"a\\u0000\"]}", "args[0]: must not hold NUL" },
		{ HEAD ",\"env\":[]}", "env: must be an object" },
		{ HEAD ",\"env\":{\"A\":1}}", "env.A: must be a string" },
		{ HEAD ",\"env\":{\"A\":\"\\u0000\"}}", "env.A: must not hold NUL" },
		{ HEAD ",\"env\":{\"A\":\"\",\"A\":\"\"}}", "A: appears twice" },
	};

	EXPECT_REFUSALS(table);
}

static void test_many_env(void **state)
{
	char body[8192] = HEAD ",\"env\":{";
	char *p = body + strlen(body);

	for (int i = 0; i < 257; i++)
		p += sprintf(p, "%s\"N%d\":\"\"", i ? "," : "", i);
	strcpy(p, "}}");
	expect_refusal(body, strlen(body), "env: must have at most 256 entries");
}

static void test_files(void **state)
{
	static const char component[] = "must be one path component, not empty, '.' or '..'";
	static const char *const names[] = { "", ".", "..", "a/b", "/", "a/" };
	static const struct refused table[] = {
		{ HEAD ",\"files\":{}}", "files: must be an array" },
		{ HEAD ",\"files\":[{\"content\":\"\"}]}", "files[0].name: is required" },
		{ HEAD ",\"files\":[{\"name\":\"a\"}]}", "files[0].content: is required" },
		{ HEAD ",\"files\":[{\"name\":\"a\\u0000\",\"content\":\"\"}]}",
		  "files[0].name: must not hold NUL" },
		{ HEAD ",\"files\":[{\"name\":\"a\",\"content\":\"\",\"encoding\":\"hex\"}]}",
		  "files[0].encoding: must be \"utf-8\" or \"base64\"" },
		{ HEAD ",\"files\":[{\"name\":\"a\",\"content\":\"Zg=\",\"encoding\":\"base64\"}]}",
		  "files[0].content: is not valid base64" },
		{ HEAD ",\"files\":[{\"name\":\"a\",\"content\":\"\",\"mode\":\"0755\"}]}",
		  "files[0].mode: is not a known field" },
	};
	_cleanup_free_ char *longest =
		repeated(",\"files\":[{\"content\":\"\",\"name\":\"a", "", 255, "\"}]}");
	_cleanup_free_ char *longer =
		repeated(",\"files\":[{\"content\":\"\",\"name\":\"a", "", 256, "\"}]}");

	EXPECT_REFUSALS(table);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char body[128], want[128];

		snprintf(body, sizeof(body),
			 HEAD ",\"files\":[{\"name\":\"%s\",\"content\":\"\"}]}", names[i]);
		snprintf(want, sizeof(want), "files[0].name: %s", component);
		expect_refusal(body, strlen(body), want);
	}
	assert_int_equal(strlen(taken(longest, strlen(longest)).files[0].name), 255);
	expect_refusal(longer, strlen(longer), "files[0].name: must have at most 255 bytes");
}

static void test_compare(void **state)
{
	static const struct refused table[] = {
		{ HEAD ",\"compare\":null}", "compare: must be a string or an object" },
		{ HEAD ",\"compare\":\"fuzzy\"}",
		  "compare: must be trim, exact, tokens, float or unordered" },
		{ HEAD ",\"compare\":{\"mode\":\"Trim\"}}",
		  "compare.mode: must be trim, exact, tokens, float or unordered" },
		{ HEAD ",\"compare\":{}}", "compare.mode: is required" },
		{ HEAD ",\"compare\":{\"mode\":\"float\",\"eps\":1}}",
		  "compare.eps: is not a known field" },
		{ HEAD ",\"compare\":{\"mode\":\"float\",\"abs\":-1}}",
		  "compare.abs: must be a number of at least 0" },
		{ HEAD ",\"compare\":{\"mode\":\"float\",\"rel\":\"1\"}}",
		  "compare.rel: must be a number of at least 0" },
		{ HEAD ",\"compare\":{\"abs\":1,\"mode\":\"trim\"}}",
		  "compare.abs: belongs to the mode float only" },
	};

	EXPECT_REFUSALS(table);
}

static void test_limits(void **state)
{
	static const struct refused table[] = {
		{ HEAD ",\"limits\":null}", "limits: must be an object" },
		{ HEAD ",\"limits\":[]}", "limits: must be an object" },
		{ HEAD ",\"limits\":{\"cpu\":1}}", "limits.cpu: is not a known field" },
		{ HEAD ",\"limits\":{\"cpu_ms\":true}}",
		  "limits.cpu_ms: must be an integer of at least 1" },
		{ HEAD ",\"limits\":{\"cpu_ms\":null}}",
		  "limits.cpu_ms: must be an integer of at least 1" },
		{ HEAD ",\"limits\":{\"cpu_ms\":\"1\"}}",
		  "limits.cpu_ms: must be an integer of at least 1" },
		{ HEAD ",\"limits\":{\"cpu_ms\":1.0}}",
		  "limits.cpu_ms: must be an integer of at least 1" },
		{ HEAD ",\"limits\":{\"cpu_ms\":1e3}}",
		  "limits.cpu_ms: must be an integer of at least 1" },
		{ HEAD ",\"limits\":{\"cpu_ms\":-5}}",
		  "limits.cpu_ms: must be an integer of at least 1" },
	};

	EXPECT_REFUSALS(table);
}

/* A key of any length is told in a field of fixed size, and never ends in half a character. */
static void test_long_key(void **state)
{
	_cleanup_free_ char *body = repeated(",\"x", "\xc3\xa4", 100, "\":1}");
	struct refusal refusal;
	struct request req;

	for (char *p = body + strlen(HEAD) + 1; *p; p++)
		if (*p == ',')
			*p = 'y';
	assert_int_equal(request_json_decode(body, strlen(body), &arena, &req, &refusal), 1);
	assert_int_equal(strlen(refusal.field), 64 + 3);
	assert_string_equal(refusal.field + 60, "y\xc3\xa4y...");
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

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fresh_arena, drop_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_smallest),	  TEST(test_everything),    TEST(test_stdin),
		TEST(test_compare_names), TEST(test_every_limit),   TEST(test_body),
		TEST(test_scalars),	  TEST(test_cases),	    TEST(test_counts),
		TEST(test_deep_nesting),  TEST(test_args_and_env),  TEST(test_many_env),
		TEST(test_files),	  TEST(test_compare),	    TEST(test_limits),
		TEST(test_long_key),	  TEST(test_out_of_memory), TEST(test_tests_file),
		TEST(test_field_table),	  TEST(test_markdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule of a request: what breaks one is refused, and told by its name. */
#include "request_world.h"

#include "codec/json_read.h"

static void expect_refusals(const struct refused *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_refusal(table[i].body, strlen(table[i].body), table[i].error);
}

#define EXPECT_REFUSALS(table) expect_refusals(table, ARRAY_SIZE(table))

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
		{ HEAD ",\"limits\":{\"cpu_ms\":1,\"cpu_ms\":2}}", "limits.cpu_ms: appears twice" },
		{ HEAD
		  ",\"test_cases\":[{\"input\":\"a\\\"{[,\",\"limits\":{}},{\"input\":[1,[2,3],{}],"
		  "\"limits\" : {\"a\":\"b,\",\n\"c\":[{}],\"a\":1}}]}",
		  "test_cases[1].limits.a: appears twice" },
		{ HEAD ",\"args\":[[],{\"\\u001b\\\\\":1,\"\\u001b\\\\\":2}]}",
		  "args[1].\\u001b\\\\: appears twice" },
		{ "[{\"\":1,\"\":2}]", "[0].: appears twice" },
		{ "[[[[[[[{\"a\":1,\"a\":2}]]]]]]]", "[0][0][0][0][0][0][0].a: appears twice" },
		{ "[[[[[[[[{\"a\":1,\"a\":2}]]]]]]]]",
		  ": has a key that appears twice (line 1, column 18)" },
		{ "{\"a23456789012345678901\":1,\"a23456789012345678901\":2}",
		  "a23456789012345678901: appears twice" },
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
		{ HEAD ",\"env\":{\"A\":\"\",\"A\":\"\"}}", "env.A: appears twice" },
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

#define MODES \
	"must be one of trim, exact, tokens, float, unordered, tokens_ignore_case, sorted_lines, regex"

static void test_compare(void **state)
{
	static const struct refused table[] = {
		{ HEAD ",\"compare\":null}", "compare: must be a string or an object" },
		{ HEAD ",\"compare\":\"fuzzy\"}", "compare: " MODES },
		{ HEAD ",\"compare\":{\"mode\":\"Trim\"}}", "compare.mode: " MODES },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_body),     TEST(test_scalars),      TEST(test_cases),
		TEST(test_counts),   TEST(test_deep_nesting), TEST(test_args_and_env),
		TEST(test_many_env), TEST(test_files),	      TEST(test_compare),
		TEST(test_limits),   TEST(test_long_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison, a table per mode; every row also the other way round where the mode is symmetric. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/compare.h"
#include "model/compare_regex.h"

struct row {
	struct text actual, expected;
	int equal;
};

#define EQ(a, b) \
	{ \
		TEXT(a), TEXT(b), 1 \
	}
#define NE(a, b) \
	{ \
		TEXT(a), TEXT(b), 0 \
	}

/* Texts end exactly where their memory does, so that a sanitizer sees a read beyond. */
static struct text tight(struct text t)
{
	char *p = malloc(t.len ? t.len : 1);

	assert_non_null(p);
	memcpy(p, t.data, t.len);
	return (struct text){ p, t.len };
}

static int compare_tight(const struct compare_spec *spec, struct text actual, struct text expected)
{
	struct text a = tight(actual), e = tight(expected);
	int r = compare_text(spec, a, e);

	free((void *)a.data);
	free((void *)e.data);
	return r;
}

static void check(const struct compare_spec *spec, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int there = compare_tight(spec, rows[i].actual, rows[i].expected);
		int back = compare_tight(spec, rows[i].expected, rows[i].actual);

		if (there != rows[i].equal || back != rows[i].equal)
			fail_msg("%s: row %zu: \"%.*s\" against \"%.*s\": %d, back %d",
				 compare_names[spec->mode], i, (int)rows[i].actual.len,
				 rows[i].actual.data, (int)rows[i].expected.len,
				 rows[i].expected.data, there, back);
	}
}

static void test_trim(void **state)
{
	static const struct row rows[] = {
		EQ("", ""),
		EQ("a", "a\n"),
		EQ("a\n\n\n", "a"),
		EQ("a\r\nb\r\n", "a\nb"),
		EQ("a \t\r\v\f\nb", "a\nb"),
		EQ("a\n  \n\t\n", "a"),
		EQ("\n\n", ""),
		EQ(" \t", ""),
		EQ("a\n\nb", "a\n \nb\n"),
		EQ("a\0b\n", "a\0b"),
		EQ("a\0 ", "a\0"),
		EQ("\0", "\0\n"),
		NE("a", "b"),
		NE("a", ""),
		NE(" a", "a"),
		NE("\na", "a"),
		NE("a\n\nb", "a\nb"),
		NE("a  b", "a b"),
		NE("a\nb", "a b"),
		NE("a\0b", "a\0c"),
		NE("a\0", "a"),
		NE("\0", ""),
		NE("a", "A"),
		NE("ab", "a"),
		NE("1\n2", "1\n2\n3"),
		NE("a\xc2\xa0", "a"),
		NE("a\rb", "a\nb"),
	};

	(void)state;
	check(&(struct compare_spec){ .mode = COMPARE_TRIM }, rows, ARRAY_SIZE(rows));
}

static void test_exact(void **state)
{
	static const struct row rows[] = {
		EQ("", ""),    EQ("a\n", "a\n"), EQ("\0\xff", "\0\xff"), NE("a", "a\n"),
		NE("a ", "a"), NE("\r\n", "\n"), NE("", "\0"),		 NE("a\0b", "a\0c"),
	};

	(void)state;
	check(&(struct compare_spec){ .mode = COMPARE_EXACT }, rows, ARRAY_SIZE(rows));
}

static void test_tokens(void **state)
{
	static const struct row rows[] = {
		EQ("", " \n\t"),
		EQ("1 2 3", "1\n2\n\n3\n"),
		EQ("  a\tb\v\fc\r\n", "a b c"),
		EQ("a\0b c", "a\0b\nc"),
		NE("12", "1 2"),
		NE("1 2", "1 2 3"),
		NE("a", "A"),
		NE("1.0", "1.00"),
		NE("a\0b", "a b"),
		NE("", "\0"),
		NE("a\xc2\xa0"
		   "b",
		   "a b"),
	};

	(void)state;
	check(&(struct compare_spec){ .mode = COMPARE_TOKENS }, rows, ARRAY_SIZE(rows));
}

static void test_float_with_the_default_tolerance(void **state)
{
	static const struct row rows[] = {
		EQ("1", "1.0"),
		EQ("0.30000000000000004", "0.3"),
		EQ("1e3", "1000"),
		EQ("+5", "5"),
		EQ("-0", "0"),
		EQ(".5", "0.5"),
		EQ("5.", "5"),
		EQ("nan", "NaN"),
		EQ("-nan", "nan"),
		EQ("inf", "Infinity"),
		EQ("-INF", "-infinity"),
		EQ("x 1.0 y", "x 1 y\n"),
		EQ("1e-400", "0"),
		EQ("1000000000000", "1000000000000.1"),
		EQ("1e400", "1e400"),
		EQ("1E5", "100000"),
		EQ("ok", "ok"),
		NE("1", "1.00001"),
		NE("inf", "-inf"),
		NE("inf", "1e308"),
		NE("nan", "1"),
		NE("nan", "inf"),
		NE("1e308", "-1e308"),
		NE("1e400", "2e400"),
		NE("1e400", "inf"),
		NE("0x10", "16"),
		NE("1,5", "1.5"),
		NE("1a", "1"),
		NE("ok", "OK"),
		NE("1 2", "1"),
		NE("1\0", "1"),
		NE("nan(1)", "nan"),
		NE("--1", "1"),
		NE("1e", "1"),
		NE("", "0"),
		NE("1_0", "10"),
	};

	(void)state;
	check(&(struct compare_spec){ COMPARE_FLOAT, 1e-9, 1e-9 }, rows, ARRAY_SIZE(rows));
}

static void test_float_tolerances(void **state)
{
	const struct compare_spec absolute = { COMPARE_FLOAT, 0.5, 0 },
				  relative = { COMPARE_FLOAT, 0, 0.1 };
	const struct compare_spec both = { COMPARE_FLOAT, 0.5, 0.1 },
				  none = { COMPARE_FLOAT, 0, 0 };

	(void)state;
	assert_int_equal(compare_tight(&absolute, TEXT("1.5"), TEXT("1")), 1);
	assert_int_equal(compare_tight(&absolute, TEXT("1.75"), TEXT("1")), 0);
	/* Relative to what was expected, not to what was printed. */
	assert_int_equal(compare_tight(&relative, TEXT("90.5"), TEXT("100")), 1);
	assert_int_equal(compare_tight(&relative, TEXT("100"), TEXT("90.5")), 0);
	assert_int_equal(compare_tight(&relative, TEXT("0.0001"), TEXT("0")), 0);
	/* The larger one counts. */
	assert_int_equal(compare_tight(&both, TEXT("0.4"), TEXT("0")), 1);
	assert_int_equal(compare_tight(&both, TEXT("95"), TEXT("100")), 1);
	assert_int_equal(compare_tight(&both, TEXT("1.75"), TEXT("1")), 0);
	assert_int_equal(compare_tight(&none, TEXT("1.0"), TEXT("1")), 1);
	assert_int_equal(compare_tight(&none, TEXT("1.0000001"), TEXT("1")), 0);
}

static void test_float_of_very_long_tokens(void **state)
{
	const struct compare_spec spec = { COMPARE_FLOAT, 1e-9, 1e-9 };
	static char digits[1100], huge[100000];
	struct text long_one = { digits, sizeof(digits) }, huge_one = { huge, sizeof(huge) };

	(void)state;
	memset(digits, '0', sizeof(digits));
	digits[0] = '1';
	digits[1] = '.';
	memset(huge, '0', sizeof(huge));
	assert_int_equal(compare_tight(&spec, long_one, TEXT("1")), 1);
	/* Too long for a number: text, equal to itself only. */
	assert_int_equal(compare_tight(&spec, huge_one, TEXT("0")), 0);
	assert_int_equal(compare_tight(&spec, huge_one, huge_one), 1);
}

static void test_unordered(void **state)
{
	static const struct row rows[] = {
		EQ("", "\n"),
		EQ("a\nb", "b\na\n"),
		EQ("b \na\r\n\n", "a\nb"),
		EQ("a\na\nb", "a\nb\na"),
		EQ("a\n\nb", "\nb\na"),
		EQ("a\0b\nc", "c\na\0b"),
		EQ("aa\na", "a\naa"),
		NE("a\na\nb", "a\nb\nb"),
		NE("a\nb", "a"),
		NE("a b", "b a"),
		NE("a\n\nb", "a\nb"),
		NE("a\0b", "a\0c"),
		NE("a\0", "a"),
		NE(" a", "a"),
	};

	(void)state;
	check(&(struct compare_spec){ .mode = COMPARE_UNORDERED }, rows, ARRAY_SIZE(rows));
}

static void test_tokens_ignore_case(void **state)
{
	static const struct row rows[] = {
		EQ("", " \n"),
		EQ("YES no", "yes\nNO"),
		EQ("aZ09", "Az09"),
		EQ("a\0B", "A\0b"),
		NE("yes", "no"),
		NE("yes", "yes yes"),
		NE("@", "`"),
		NE("[", "{"),
		NE("\xc3\x89", "\xc3\xa9"),
	};

	(void)state;
	check(&(struct compare_spec){ .mode = COMPARE_TOKENS_IGNORE_CASE }, rows, ARRAY_SIZE(rows));
}

static void test_sorted_lines(void **state)
{
	static const struct row rows[] = {
		EQ("", "\n \n"),	EQ("3 4\n1 2", "1 2\n3 4\n"), EQ(" 1 \t2\n", "1 2"),
		EQ("1\n\n2", "2\n1"),	EQ("a\0 b", "a\0\tb"),	      NE("1 2", "2 1"),
		NE("1\n2 3", "1 2\n3"), NE("1\n1\n2", "1\n2\n2"),     NE("1", "1\n2"),
		NE("12", "1 2"),
	};

	(void)state;
	check(&(struct compare_spec){ .mode = COMPARE_SORTED_LINES }, rows, ARRAY_SIZE(rows));
}

static void test_regex(void **state)
{
	const struct compare_spec spec = { .mode = COMPARE_REGEX };
	static const struct row rows[] = {
		{ TEXT("42\n"), TEXT("\\d+"), 1 },
		{ TEXT("42\n"), TEXT("\\d+\n"), 1 },
		{ TEXT("42 x"), TEXT("\\d+"), 0 },
		{ TEXT("x42"), TEXT("\\d+"), 0 },
		{ TEXT(""), TEXT(""), 1 },
		{ TEXT("\n"), TEXT(""), 1 },
		{ TEXT("a\0b"), TEXT("a\\x00b"), 1 },
		{ TEXT("a\0b"), TEXT("a\0b"), 1 },
		{ TEXT("a\xff"), TEXT("a."), 0 },
		{ TEXT("\xc3\xa9"), TEXT("."), 1 },
		{ TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), TEXT("(a+)+[bc]"),
		  2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = compare_tight(&spec, rows[i].actual, rows[i].expected);

		if (r != rows[i].equal)
			fail_msg("row %zu: %d", i, r);
	}
}

static void test_json(void **state)
{
	const struct compare_spec spec = { .mode = COMPARE_JSON, .abs = 1e-9, .rel = 1e-9 };
	static const struct row rows[] = {
		EQ("1", " 1.0 "),
		EQ("[1,{\"a\":null}]", "[ 1 , { \"a\" : null } ]"),
		EQ("\"\\u00e9\\n\"", "\"\xc3\xa9\\u000A\""),
		EQ("\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""),
		EQ("-0", "0"),
		EQ("12345678901234567890", "12345678901234567890"),
		NE("12345678901234567890", "12345678901234567891"),
		NE("9007199254740993", "9007199254740992"),
		NE("1", "\"1\""),
		NE("1", "1 1"),
		NE("1", "[1]"),
		NE("[1]", "[1"),
		NE("", "null"),
		NE("\"a", "\"a\""),
		NE("\"", "\"\""),
		NE("nan", "1"),
		NE("0x1", "1"),
		NE("1e999", "1"),
		NE("\"\\", "\"a\""),
		NE("\"\\u12\"", "\"\\u0012\""),
		NE("true", "1"),
		NE("\0", "1"),
	};

	(void)state;
	check(&spec, rows, ARRAY_SIZE(rows));
}

static void test_a_faulty_regex_says_where(void **state)
{
	static char large[REGEX_BYTES_MAX];
	char why[128];
	size_t at;

	(void)state;
	memset(large, 'a', sizeof(large));
	assert_int_equal(compare_regex_check(TEXT("a(b"), &at, why, sizeof(why)), 1);
	assert_int_equal(at, 3);
	assert_non_null(strstr(why, "parenthes"));
	assert_int_equal(compare_regex_check(TEXT("a(b)"), &at, why, sizeof(why)), 0);
	assert_int_equal(compare_regex_check(TEXT("\\C"), &at, why, sizeof(why)), 1);
	assert_int_equal(compare_regex_check((struct text){ large, sizeof(large) }, &at, why,
					     sizeof(why)),
			 2);
	assert_int_equal(compare_regex_check((struct text){ large, 8000 }, &at, why, sizeof(why)),
			 0);
}

struct place {
	enum compare_mode mode;
	struct text actual, expected;
	size_t line, column;
	const char *shown_expected, *shown_actual;
};

static void check_excerpt(const struct excerpt *e, const char *want)
{
	assert_int_equal(e->there, want != NULL);
	if (want) {
		assert_int_equal(e->text.len, strlen(want));
		assert_memory_equal(e->text.data, want, strlen(want));
	}
}

static void test_where_it_differs(void **state)
{
	static const struct place places[] = {
		{ COMPARE_TRIM, TEXT("1\n3\n"), TEXT("1\n2\n"), 2, 1, "2", "3" },
		{ COMPARE_TRIM, TEXT("1"), TEXT("1\n2"), 2, 1, "2", NULL },
		{ COMPARE_TRIM, TEXT(""), TEXT("1"), 1, 1, "1", NULL },
		{ COMPARE_TRIM, TEXT("1\n\n4"), TEXT("1"), 2, 1, NULL, "" },
		{ COMPARE_TRIM, TEXT("\xc3\xa9x"), TEXT("\xc3\xa8x"), 1, 1, "\xc3\xa8x",
		  "\xc3\xa9x" },
		{ COMPARE_EXACT, TEXT("1"), TEXT("1\n"), 1, 2, "1\n", "1" },
		{ COMPARE_EXACT, TEXT("1\n"), TEXT("1"), 1, 2, "1", "1\n" },
		{ COMPARE_EXACT, TEXT(""), TEXT("\0"), 1, 1, NULL, NULL },
		{ COMPARE_TOKENS, TEXT("1 2\n 5"), TEXT("1 2 4"), 2, 2, "4", "5" },
		{ COMPARE_UNORDERED, TEXT("c\nx\nb"), TEXT("a\nb\nc"), 2, 1, "a", "x" },
		{ COMPARE_SORTED_LINES, TEXT("c\n\nx y\nb"), TEXT("x z\nb\nc"), 3, 3, "x z",
		  "x y" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct place *p = &places[i];
		const struct compare_spec spec = { .mode = p->mode };
		struct difference d = { 0 };

		assert_int_equal(compare_find(&spec, p->actual, p->expected, &d), 0);
		assert_int_equal(d.line, p->line);
		assert_int_equal(d.column, p->column);
		if (i == 7) /* one NUL, which no C string can hold */
			assert_int_equal(d.expected.text.len, 1);
		else
			check_excerpt(&d.expected, p->shown_expected);
		check_excerpt(&d.actual, p->shown_actual);
	}
}

static void test_nothing_at_all_is_empty_text(void **state)
{
	const struct text none = { NULL, 0 };

	(void)state;
	for (int mode = 0; mode < COMPARE_REGEX; mode++) {
		const struct compare_spec spec = { (enum compare_mode)mode, 0, 0 };

		assert_int_equal(compare_text(&spec, none, none), 1);
		assert_int_equal(compare_text(&spec, none, TEXT("")), 1);
		assert_int_equal(compare_text(&spec, none, TEXT("a")), 0);
		assert_int_equal(compare_text(&spec, TEXT("a"), none), 0);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(compare_names[COMPARE_TRIM], "trim");
	assert_string_equal(compare_names[COMPARE_EXACT], "exact");
	assert_string_equal(compare_names[COMPARE_TOKENS], "tokens");
	assert_string_equal(compare_names[COMPARE_FLOAT], "float");
	assert_string_equal(compare_names[COMPARE_UNORDERED], "unordered");
	assert_string_equal(compare_names[COMPARE_TOKENS_IGNORE_CASE], "tokens_ignore_case");
	assert_string_equal(compare_names[COMPARE_SORTED_LINES], "sorted_lines");
	assert_string_equal(compare_names[COMPARE_REGEX], "regex");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_float_with_the_default_tolerance),
		cmocka_unit_test(test_float_tolerances),
		cmocka_unit_test(test_float_of_very_long_tokens),
		cmocka_unit_test(test_unordered),
		cmocka_unit_test(test_tokens_ignore_case),
		cmocka_unit_test(test_sorted_lines),
		cmocka_unit_test(test_regex),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_a_faulty_regex_says_where),
		cmocka_unit_test(test_where_it_differs),
		cmocka_unit_test(test_nothing_at_all_is_empty_text),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

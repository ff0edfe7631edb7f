/* SPDX-License-Identifier: Apache-2.0 */
/* The default validator of problem packages: a table per set of flags, and one test's own comparison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/compare.h"

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

static struct compare_spec spec_of(double abs, double rel, bool case_sensitive, bool space)
{
	struct compare_spec spec = { .mode = COMPARE_ICPC, .abs = abs, .rel = rel };

	spec.icpc.case_sensitive = case_sensitive;
	spec.icpc.space_change_sensitive = space;
	return spec;
}

/* Texts end exactly where their memory does, so that a sanitizer sees a read beyond. */
static struct text tight(struct text t)
{
	char *p = malloc(t.len ? t.len : 1);

	assert_non_null(p);
	memcpy(p, t.data, t.len);
	return (struct text){ p, t.len };
}

static void check(struct compare_spec spec, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct text a = tight(rows[i].actual), e = tight(rows[i].expected);
		int equal = compare_text(&spec, a, e);

		if (equal != rows[i].equal)
			fail_msg("row %zu: \"%.*s\" for \"%.*s\": %d", i, (int)a.len, a.data,
				 (int)e.len, e.data, equal);
		free((void *)a.data);
		free((void *)e.data);
	}
}

static void test_plain(void **state)
{
	static const struct row rows[] = {
		EQ("", ""),
		EQ("\n \t", ""),
		EQ("a b\nc", "a\nb   c\n"),
		EQ("Yes", "yEs\n"),
		EQ("a\vb\fc\rd", "a b c d"),
		EQ("a\0b", "A\0B"),
		NE("a", ""),
		NE("", "a"),
		NE("a b", "a"),
		NE("a", "a b"),
		NE("ab", "a b"),
		NE("a\0b", "a\0c"),
		NE("a\0", "a"),
		NE("1.0", "1"),		    /* no tolerance: numbers are text */
		NE("\xc3\x84", "\xc3\xa4"), /* only ASCII has a case here */
		NE("[", "{"),		    /* not letters, though 32 apart */
		NE("a\xc2\xa0", "a"),
	};

	(void)state;
	check(spec_of(-1, -1, false, false), rows, ARRAY_SIZE(rows));
}

static void test_case_sensitive(void **state)
{
	static const struct row rows[] = { EQ("Yes  no", "Yes no"), NE("yes", "Yes") };

	(void)state;
	check(spec_of(-1, -1, true, false), rows, ARRAY_SIZE(rows));
}

static void test_space_change_sensitive(void **state)
{
	static const struct row rows[] = {
		EQ("a b\n", "A b\n"), NE("a  b\n", "a b\n"),
		NE("a b", "a b\n"),   NE("a b\n\n", "a b\n"),
		NE(" a", "a"),	      NE("a\r\n", "a\n"),
		EQ("", ""),	      NE("\n", ""),
		NE("a\tb", "a b"),
	};

	(void)state;
	check(spec_of(-1, -1, false, true), rows, ARRAY_SIZE(rows));
}

static void test_tolerances(void **state)
{
	static const struct row absolute[] = {
		EQ("1.05", "1"),    EQ("0.9 x", "1 X"), NE("1.2", "1"),	      NE("1001", "1000"),
		EQ("1e0", "1.000"), NE("one", "1"),	EQ("inf", "INF"),     NE("inf", "1"),
		NE("1", "inf"),	    NE("nan", "1"),	NE("0x1", "1"),	      NE("1e999", "1"),
		EQ("-0", "0"),	    NE("1,0", "1"),	NE("1\0", "1"),	      NE("1e999", "2e999"),
		NE("", "1"),	    EQ("+1.0", "1"),	EQ("1e999", "1E999"),
	};
	static const struct row relative[] = { EQ("1001", "1000"), NE("0.001", "0"), EQ("1.0", "1"),
					       NE("1.2", "1"), EQ("0.0", "0") };
	static const struct row both[] = { EQ("1001", "1000"), EQ("0.001", "0"), NE("2", "1") };
	static const struct row exact[] = { EQ("1.0", "1"), NE("1.0000001", "1") };

	(void)state;
	check(spec_of(0.1, -1, false, false), absolute, ARRAY_SIZE(absolute));
	check(spec_of(-1, 0.1, false, false), relative, ARRAY_SIZE(relative));
	check(spec_of(0.1, 0.1, false, false), both, ARRAY_SIZE(both));
	check(spec_of(0, 0, false, false), exact, ARRAY_SIZE(exact));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_case_sensitive),
		cmocka_unit_test(test_space_change_sensitive),
		cmocka_unit_test(test_tolerances),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

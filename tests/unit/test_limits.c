/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that need no judgement: limits and their layers, languages by name, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/language.h"
#include "model/request.h"

static void test_the_table_is_the_struct(void **state)
{
	struct limits l = { 0 };

	(void)state;
	assert_int_equal(limit_table_len * sizeof(uint64_t), sizeof(struct limits));
	for (size_t i = 0; i < limit_table_len; i++)
		*limits_at(&l, &limit_table[i]) = i + 1;
	assert_int_equal(l.cpu_ms, 1);
	assert_int_equal(l.total_wall_ms, limit_table_len);
	assert_string_equal(limit_table[0].name, "cpu_ms");
}

/* DESIGN section 7, in its own units. */
static void test_the_defaults_are_those_of_the_contract(void **state)
{
	const struct limits *d = &limits_default;

	(void)state;
	assert_int_equal(d->cpu_ms, 30 * 1000);
	assert_int_equal(d->wall_ms, 60 * 1000);
	assert_int_equal(d->memory_kb, 512 * 1024);
	assert_int_equal(d->processes, 64);
	assert_int_equal(d->open_files, 1024);
	assert_int_equal(d->output_bytes, 1 << 20);
	assert_int_equal(d->disk_kb, 64 * 1024);
	assert_int_equal(d->inodes, 4096);
	assert_int_equal(d->file_kb, 64 * 1024);
	assert_int_equal(d->total_wall_ms, 300000);
}

static void test_no_default_is_above_its_cap(void **state)
{
	(void)state;
	assert_null(limits_over_cap(&limits_default, &limits_cap));
	for (size_t i = 0; i < limit_table_len; i++) {
		assert_true(limit_table[i].def > 0);
		assert_int_equal(limit_table[i].def,
				 *limits_at((struct limits *)&limits_default, &limit_table[i]));
		assert_int_equal(limit_table[i].cap,
				 *limits_at((struct limits *)&limits_cap, &limit_table[i]));
	}
}

static void test_an_overlay_replaces_what_it_says_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < limit_table_len; i++) {
		struct limits base = limits_default, over = { 0 };

		*limits_at(&over, &limit_table[i]) = 7;
		limits_overlay(&base, &over);
		for (size_t k = 0; k < limit_table_len; k++)
			assert_int_equal(*limits_at(&base, &limit_table[k]),
					 k == i ? 7 : limit_table[k].def);
	}
}

static void test_over_the_cap_is_one_more_than_the_cap(void **state)
{
	(void)state;
	for (size_t i = 0; i < limit_table_len; i++) {
		struct limits l = limits_cap;

		assert_null(limits_over_cap(&l, &limits_cap));
		++*limits_at(&l, &limit_table[i]);
		assert_ptr_equal(limits_over_cap(&l, &limits_cap), &limit_table[i]);
	}
}

static const struct language langs[] = {
	{ .name = "c",
	  .aliases = (const char *const[]){ "gcc", NULL },
	  .extensions = (const char *const[]){ ".c", NULL } },
	{ .name = "python",
	  .aliases = (const char *const[]){ "py", "python3", NULL },
	  .extensions = (const char *const[]){ ".py", NULL } },
	{ .name = "test", .extensions = (const char *const[]){ ".test.py", NULL } },
	{ .name = "bare" },
};
static const struct language_set set = { langs, 4 };

static const char *by_name(const char *name)
{
	const struct language *l = language_find(&set, name);

	return l ? l->name : "(none)";
}

static const char *by_file(const char *name)
{
	const struct language *l = language_by_filename(&set, name);

	return l ? l->name : "(none)";
}

static void test_languages_by_name_or_alias(void **state)
{
	(void)state;
	assert_string_equal(by_name("c"), "c");
	assert_string_equal(by_name("C"), "c");
	assert_string_equal(by_name("PyThOn3"), "python");
	assert_string_equal(by_name("GCC"), "c");
	assert_string_equal(by_name("bare"), "bare");
	assert_string_equal(by_name("pytho"), "(none)");
	assert_string_equal(by_name("python33"), "(none)");
	assert_string_equal(by_name(""), "(none)");
}

static const char *by_release(const struct language_set *s, const char *name)
{
	const struct language *l = language_find(s, name);

	return l ? l->title : "(none)";
}

/* 3.11 is higher than 3.9, whatever their letters say; what is not here gives way to what is. */
static void test_releases(void **state)
{
	static const char *const ext[] = { ".py", NULL }, *const py[] = { "py", NULL };
	struct language langs3[] = {
		{ .name = "python",
		  .release = "3.9",
		  .title = "a",
		  .extensions = ext,
		  .aliases = py },
		{ .name = "python", .release = "3.11", .title = "b", .extensions = ext },
		{ .name = "c", .title = "c", .extensions = ext + 1 },
	};
	const struct language_set s = { langs3, 3 };

	(void)state;
	assert_string_equal(by_release(&s, "python"), "b");
	assert_string_equal(by_release(&s, "Python@3.9"), "a");
	assert_string_equal(by_release(&s, "py@3.9"), "a");
	assert_string_equal(by_release(&s, "python@3.11"), "b");
	assert_string_equal(by_release(&s, "python@3.1"), "(none)");
	assert_string_equal(by_release(&s, "python@"), "(none)");
	assert_string_equal(by_release(&s, "@3.9"), "(none)");
	assert_string_equal(by_release(&s, "c@17"), "(none)");
	assert_string_equal(language_by_filename(&s, "x.py")->title, "b");
	langs3[1].absent = "there is no /usr/bin/python3.11";
	assert_string_equal(by_release(&s, "python"), "a");
	assert_string_equal(language_by_filename(&s, "x.py")->title, "a");
	assert_string_equal(by_release(&s, "python@3.11"), "b");
	langs3[0].absent = langs3[1].absent;
	assert_string_equal(by_release(&s, "python"), "b");
}

static void test_languages_by_the_ending_of_a_file(void **state)
{
	(void)state;
	assert_string_equal(by_file("a.py"), "python");
	assert_string_equal(by_file("/x.c/b.py"), "python");
	assert_string_equal(by_file("a.test.py"), "test"); /* the longer ending */
	assert_string_equal(by_file("dir/.py"), "(none)"); /* a hidden file without an ending */
	assert_string_equal(by_file("a.c/b"), "(none)");
	assert_string_equal(by_file("py"), "(none)");
	assert_string_equal(by_file("a.PY"), "(none)");
}

static void test_a_refusal_is_cut_and_terminated(void **state)
{
	struct refusal r;
	char big[1000];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(refusal_set(&r, big, "%s", big), 1);
	assert_int_equal(strlen(r.field), sizeof(r.field) - 1);
	assert_int_equal(strlen(r.rule), sizeof(r.rule) - 1);
	refusal_set(&r, "args", "must have %d", 3);
	assert_string_equal(r.field, "args");
	assert_string_equal(r.rule, "must have 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_is_the_struct),
		cmocka_unit_test(test_the_defaults_are_those_of_the_contract),
		cmocka_unit_test(test_no_default_is_above_its_cap),
		cmocka_unit_test(test_an_overlay_replaces_what_it_says_only),
		cmocka_unit_test(test_over_the_cap_is_one_more_than_the_cap),
		cmocka_unit_test(test_languages_by_name_or_alias),
		cmocka_unit_test(test_releases),
		cmocka_unit_test(test_languages_by_the_ending_of_a_file),
		cmocka_unit_test(test_a_refusal_is_cut_and_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

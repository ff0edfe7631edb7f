/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, by field and rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "planner_scene.h"

static void check_refused(struct scene *s, const char *field, const char *rule)
{
	memset(&s->refusal, 0, sizeof(s->refusal));
	assert_int_equal(planner_scene_plan(s), 1);
	assert_string_equal(s->refusal.field, field);
	if (!strstr(s->refusal.rule, rule))
		fail_msg("%s: %s", field, s->refusal.rule);
}

static void test_unknown_languages(void **state)
{
	struct scene *s = *state;

	s->request.language = "klingon";
	check_refused(s, "language", "known are: c, python, framed");
	s->request.language = "";
	check_refused(s, "language", "known are");
	s->request.language = NULL;
	check_refused(s, "language", "is required");
}

static void test_absent_languages(void **state)
{
	const struct language two[] = {
		{ .name = "c",
		  .absent = "there is no /usr/bin/gcc; Debian has it in gcc",
		  .source = "x" },
		{ .name = "python", .source = "x", .run_argv = WORDS("/x") },
	};
	struct scene *s = *state;

	s->set = (struct language_set){ two, 2 };
	s->request.language = "c";
	check_refused(s, "language",
		      "c is not installed here: there is no /usr/bin/gcc; Debian has it in gcc");
	s->request.language = "klingon";
	check_refused(s, "language", "known are: python");
	assert_null(strstr(s->refusal.rule, " c"));
}

static void test_stdin_with_test_cases(void **state)
{
	struct test_case test = { TEXT(""), TEXT(""), { 0 } };
	struct scene *s = *state;

	s->request.tests = &test;
	s->request.ntests = 1;
	s->request.stdin_text = TEXT("x");
	check_refused(s, "stdin", "cannot be combined with test_cases");
}

static void test_file_names(void **state)
{
	static char long_name[257];
	const struct {
		const char *language, *name, *rule;
	} rows[] = {
		{ "python", "", "single file name" },
		{ "python", ".", "single file name" },
		{ "python", "..", "single file name" },
		{ "python", "a/b", "single file name" },
		{ "python", "/", "single file name" },
		{ "python", long_name, "at most 255 bytes" },
		{ "python", "other", "appears twice" },
		{ "python", "main.py", "source file" },
		{ "c", "main.c", "source file" },
		{ "c", "main", "compiled program" },
	};
	struct request_file files[2] = { { .name = "other" } };
	struct scene *s = *state;

	memset(long_name, 'x', 256);
	s->request.files = files;
	s->request.nfiles = 2;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		s->request.language = rows[i].language;
		files[1].name = rows[i].name;
		check_refused(s, "files[1].name", rows[i].rule);
	}
	long_name[255] = '\0';
	files[1].name = long_name;
	assert_int_equal(planner_scene_plan(s), 0);
	/* Names of another language's files are just names. */
	s->request.language = "python";
	files[1].name = "main";
	assert_int_equal(planner_scene_plan(s), 0);
}

static void test_names_in_the_environment(void **state)
{
	static const char *const good[] = { "A", "_", "a1", "LD_PRELOAD", "_9" };
	static const char *const bad[] = { "", "1A", "A B", "A=B", "A-B", "\xc3\x84", "A\n" };
	struct env_entry env = { "A", "v" };
	struct scene *s = *state;

	s->request.env = &env;
	s->request.nenv = 1;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		env.name = good[i];
		assert_int_equal(planner_scene_plan(s), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char field[64];

		env.name = bad[i];
		snprintf(field, sizeof(field), "env.%s", bad[i]);
		check_refused(s, field, "must be a name of letters");
	}
}

static void test_bytes_of_args_and_env_together(void **state)
{
	static char big[REQUEST_ARGV_BYTES_MAX];
	struct env_entry env = { "AB", "cd" }; /* 6 with '=' and NUL */
	struct scene *s = *state;

	memset(big, 'x', REQUEST_ARGV_BYTES_MAX - 7);
	s->request.args = WORDS(big);
	s->request.nargs = 1;
	s->request.env = &env;
	s->request.nenv = 1;
	assert_int_equal(planner_scene_plan(s), 0);
	big[REQUEST_ARGV_BYTES_MAX - 7] = 'x';
	check_refused(s, "args", "together must be at most 131072 bytes");
	memset(big, 'x', sizeof(big) - 4); /* with its name, '=' and NUL exactly all */
	env.value = big;
	s->request.nargs = 0;
	assert_int_equal(planner_scene_plan(s), 0);
	big[sizeof(big) - 4] = 'x';
	check_refused(s, "env", "together must be at most 131072 bytes");
}

static void test_counts(void **state)
{
	struct scene *s = *state;

	s->request.ntests = REQUEST_TESTS_MAX + 1;
	check_refused(s, "test_cases", "at most 1000 entries");
	s->request.ntests = 0;
	s->request.nargs = REQUEST_ARGS_MAX + 1;
	check_refused(s, "args", "at most 256 entries");
	s->request.nargs = 0;
	s->request.nenv = REQUEST_ARGS_MAX + 1;
	check_refused(s, "env", "at most 256 entries");
	s->request.nenv = 0;
	s->request.nfiles = REQUEST_FILES_MAX + 1;
	check_refused(s, "files", "at most 256 entries");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLANNER_CASE(test_unknown_languages),
		PLANNER_CASE(test_absent_languages),
		PLANNER_CASE(test_stdin_with_test_cases),
		PLANNER_CASE(test_file_names),
		PLANNER_CASE(test_names_in_the_environment),
		PLANNER_CASE(test_bytes_of_args_and_env_together),
		PLANNER_CASE(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

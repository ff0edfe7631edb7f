/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to plans.  What is decided is held by files in golden/, written anew by
 * `KODEWAR_GOLDEN=write meson test planner`; what is refused by a table of fields and rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct language languages[] = {
	{
		.name = "c",
		.aliases = (const char *const[]){ "gcc", NULL },
		.source = "main.c",
		.compile_argv =
			(const char *const[]){ "/usr/bin/gcc", "-o", "main", "main.c", NULL },
		.artefact = "main",
		.run_argv = (const char *const[]){ "{artefact}", NULL },
		.limits = { .processes = 8 },
		.compile_limits = { .processes = 32, .cpu_ms = 20000 },
	},
	{
		.name = "python",
		.aliases = (const char *const[]){ "py", NULL },
		.source = "main.py",
		.run_argv = (const char *const[]){ "/usr/bin/python3", "main.py", NULL },
		.env = (const char *const[]){ "PYTHONHASHSEED=0", "LANG=C", NULL },
		.limits = { .memory_kb = 262144 },
	},
	{
		.name = "framed",
		.source = "prog",
		.run_argv = (const char *const[]){ "/bin/frame", "{args}", "--", "prog", "{args}",
						   NULL },
	},
};

struct scene {
	struct arena arena;
	struct language_set set;
	struct planner_config config;
	struct request request;
	struct plan plan;
	struct refusal refusal;
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	arena_init(&s->arena, 1 << 20);
	s->set = (struct language_set){ languages, ARRAY_SIZE(languages) };
	s->config = (struct planner_config){ &s->set, limits_default, limits_cap };
	s->request = (struct request){ .code = TEXT("code\n"), .language = "python" };
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	arena_done(&s->arena);
	free(s);
	return 0;
}

static int make(struct scene *s)
{
	return planner_plan(&s->config, &s->request, &s->arena, &s->plan, &s->refusal);
}

/* ---- golden files ---- */

static void print_words(FILE *out, const char *label, const char *const *words)
{
	for (; *words; words++)
		fprintf(out, "  %s %s\n", label, *words);
}

static void print_text(FILE *out, struct text t)
{
	fputc('"', out);
	for (size_t i = 0; i < t.len; i++)
		if (t.data[i] < ' ' || t.data[i] > '~')
			fprintf(out, "\\x%02x", (unsigned char)t.data[i]);
		else
			fputc(t.data[i], out);
	fputs("\"\n", out);
}

static void print_step(FILE *out, const struct plan_step *s)
{
	fprintf(out, "%s\n  runner %s\n", s->kind == STEP_COMPILE ? "compile" : "run",
		runner_names[s->runner]);
	print_words(out, "argv", s->argv);
	print_words(out, "env", s->envp);
	fprintf(out, "  cwd %s\n", s->cwd);
	for (size_t i = 0; i < s->nfiles; i++) {
		fprintf(out, "  file %04o %s ", s->files[i].mode, s->files[i].name);
		print_text(out, s->files[i].content);
	}
	fputs("  stdin ", out);
	print_text(out, s->stdin_text);
	for (size_t i = 0; i < limit_table_len; i++)
		fprintf(out, "  %s %llu\n", limit_table[i].name,
			(unsigned long long)*limits_at((struct limits *)&s->limits,
						       &limit_table[i]));
	fprintf(out, "  artefact %s\n  test %d\n", s->artefact ? s->artefact : "-", s->test);
}

static char *dump(const struct plan *plan)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	fprintf(out, "language %s\ntotal_wall_ms %llu\nlive_stdin %d\n", plan->language->name,
		(unsigned long long)plan->total_wall_ms, plan->live_stdin);
	for (size_t i = 0; i < plan->nsteps; i++)
		print_step(out, &plan->steps[i]);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void check_golden(struct scene *s, const char *name)
{
	const char *root = getenv("SOURCE_ROOT"), *mode = getenv("KODEWAR_GOLDEN");
	_cleanup_free_ char *text = NULL;
	char path[512], want[16384];
	size_t n;
	FILE *f;

	if (make(s))
		fail_msg("%s: refused: %s: %s", name, s->refusal.field, s->refusal.rule);
	assert_ptr_equal(s->plan.request, &s->request);
	text = dump(&s->plan);
	assert_non_null(root);
	snprintf(path, sizeof(path), "%s/tests/unit/golden/%s.plan", root, name);
	if (mode && strcmp(mode, "write") == 0) {
		f = fopen(path, "we");
		assert_non_null(f);
		fputs(text, f);
		assert_int_equal(fclose(f), 0);
		return;
	}
	f = fopen(path, "re");
	if (!f)
		fail_msg("%s: cannot be read", path);
	n = fread(want, 1, sizeof(want) - 1, f);
	fclose(f);
	want[n] = '\0';
	if (strcmp(text, want) != 0)
		fail_msg("%s differs; the plan is now:\n%s", path, text);
}

static void test_the_least_request(void **state)
{
	check_golden(*state, "least");
}

static void test_everything_that_a_request_can_say(void **state)
{
	static const struct env_entry env[] = {
		{ "A", "1" },	 { "LANG", "de_DE" }, { "A", "2" }, { "LD_PRELOAD", "x.so" },
		{ "EMPTY", "" },
	};
	static const struct request_file files[] = {
		{ "data.bin", { "\0\xff", 2 } },
		{ "main.PY", { "", 0 } },
		{ "...", { "dots", 4 } },
	};
	struct scene *s = *state;

	s->request.language = "PY";
	s->request.stdin_text = TEXT("in\n");
	s->request.args = WORDS("{args}", "", "--flag");
	s->request.nargs = 3;
	s->request.env = env;
	s->request.nenv = ARRAY_SIZE(env);
	s->request.files = files;
	s->request.nfiles = ARRAY_SIZE(files);
	s->request.limits = (struct limits){ .cpu_ms = 1000, .total_wall_ms = 5000 };
	check_golden(s, "everything");
}

static void test_compiled_with_test_cases(void **state)
{
	static const struct test_case tests[] = {
		{ TEXT("1\n"), TEXT("1"), { 0 } },
		{ TEXT(""), TEXT(""), { .memory_kb = 65536, .processes = 3 } },
	};
	static const struct request_file files[] = { { "lib.h", { "#define X\n", 10 } } };
	static const struct env_entry env[] = { { "SEEN_BY", "the program only" } };
	struct scene *s = *state;

	s->request.language = "GCC";
	s->request.tests = tests;
	s->request.ntests = ARRAY_SIZE(tests);
	s->request.files = files;
	s->request.nfiles = ARRAY_SIZE(files);
	s->request.env = env;
	s->request.nenv = ARRAY_SIZE(env);
	s->request.args = WORDS("one");
	s->request.nargs = 1;
	s->request.limits =
		(struct limits){ .cpu_ms = 700, .memory_kb = 32768, .total_wall_ms = 8000 };
	check_golden(s, "compiled");
}

static void test_args_have_a_place(void **state)
{
	struct scene *s = *state;

	s->request.language = "framed";
	s->request.args = WORDS("a", "b");
	s->request.nargs = 2;
	check_golden(s, "framed");
}

/* ---- limits ---- */

static void test_layers_of_limits(void **state)
{
	struct test_case test = { TEXT(""), TEXT(""), { .memory_kb = 4 } };
	struct scene *s = *state;

	s->config.defaults.memory_kb = 1;
	s->set.langs = &(
		const struct language){ .name = "python", .source = "x", .run_argv = WORDS("/x") };
	s->set.len = 1;
	assert_int_equal(make(s), 0);
	assert_int_equal(s->plan.steps[0].limits.memory_kb, 1);
	s->set.langs = languages;
	s->set.len = ARRAY_SIZE(languages);
	assert_int_equal(make(s), 0);
	assert_int_equal(s->plan.steps[0].limits.memory_kb, 262144);
	s->request.limits.memory_kb = 3;
	assert_int_equal(make(s), 0);
	assert_int_equal(s->plan.steps[0].limits.memory_kb, 3);
	s->request.tests = &test;
	s->request.ntests = 1;
	assert_int_equal(make(s), 0);
	assert_int_equal(s->plan.steps[0].limits.memory_kb, 4);
}

static void test_cpu_alone_leaves_wall_as_it_is(void **state)
{
	struct scene *s = *state;

	s->request.limits.cpu_ms = 100;
	assert_int_equal(make(s), 0);
	assert_int_equal(s->plan.steps[0].limits.wall_ms, limits_default.wall_ms);
}

/* A request that asks for nothing is not refused for what others set too high. */
static void test_defaults_above_the_caps_are_lowered(void **state)
{
	struct scene *s = *state;

	s->request.language = "c";
	s->config.caps.cpu_ms = 5000;
	s->config.caps.processes = 4;
	assert_int_equal(make(s), 0);
	assert_int_equal(s->plan.nsteps, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(s->plan.steps[i].limits.cpu_ms, 5000);
		assert_int_equal(s->plan.steps[i].limits.processes, 4);
		assert_null(limits_over_cap(&s->plan.steps[i].limits, &s->config.caps));
	}
}

static void test_caps(void **state)
{
	struct test_case tests[3] = { { TEXT(""), TEXT(""), { 0 } } };
	struct scene *s = *state;
	char rule[64];

	s->request.tests = tests;
	s->request.ntests = ARRAY_SIZE(tests);
	for (size_t i = 0; i < limit_table_len; i++) {
		const struct limit_info *info = &limit_table[i];
		char field[64];

		*limits_at(&s->request.limits, info) = info->cap;
		assert_int_equal(make(s), 0);
		*limits_at(&s->request.limits, info) = info->cap + 1;
		assert_int_equal(make(s), 1);
		snprintf(field, sizeof(field), "limits.%s", info->name);
		snprintf(rule, sizeof(rule), "must be at most %llu", (unsigned long long)info->cap);
		assert_string_equal(s->refusal.field, field);
		assert_string_equal(s->refusal.rule, rule);
		*limits_at(&s->request.limits, info) = 0;

		*limits_at(&tests[2].limits, info) = info->cap + 1;
		assert_int_equal(make(s), 1);
		snprintf(field, sizeof(field), "test_cases[2].limits.%s", info->name);
		assert_string_equal(s->refusal.field, field);
		*limits_at(&tests[2].limits, info) = 0;
	}
	tests[1].limits.total_wall_ms = 1;
	assert_int_equal(make(s), 1);
	assert_string_equal(s->refusal.field, "test_cases[1].limits.total_wall_ms");
}

/* ---- refusals ---- */

static void check_refused(struct scene *s, const char *field, const char *rule)
{
	memset(&s->refusal, 0, sizeof(s->refusal));
	assert_int_equal(make(s), 1);
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

/* A runtime is told what its own box has, which a case's limits may change. */
static void test_heaps_fit_the_box(void **state)
{
	struct test_case tests[2] = { { TEXT(""), TEXT(""), { 0 } },
				      { TEXT(""), TEXT(""), { .memory_kb = 262144 } } };
	const struct language java = {
		.name = "java",
		.source = "x",
		.compile_argv = WORDS("/javac", "-J-Xmx{heap_mb}m"),
		.artefact = "y",
		.compile_limits = { .memory_kb = 131072 },
		.run_argv = WORDS("/java", "-Xmx{heap_mb}m", "{artefact}"),
	};
	struct scene *s = *state;

	s->set = (struct language_set){ &java, 1 };
	s->request.language = "java";
	s->request.limits.memory_kb = 1048576;
	s->request.tests = tests;
	s->request.ntests = 2;
	assert_int_equal(make(s), 0);
	assert_string_equal(s->plan.steps[0].argv[1], "-J-Xmx97m");
	assert_string_equal(s->plan.steps[1].argv[1], "-Xmx769m");
	assert_string_equal(s->plan.steps[2].argv[1], "-Xmx193m");
	assert_string_equal(s->plan.steps[2].argv[2], "/box/y");
	assert_null(s->plan.steps[2].argv[3]);
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
	assert_int_equal(make(s), 0);
	/* Names of another language's files are just names. */
	s->request.language = "python";
	files[1].name = "main";
	assert_int_equal(make(s), 0);
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
		assert_int_equal(make(s), 0);
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
	assert_int_equal(make(s), 0);
	big[REQUEST_ARGV_BYTES_MAX - 7] = 'x';
	check_refused(s, "args", "together must be at most 131072 bytes");
	memset(big, 'x', sizeof(big) - 4); /* with its name, '=' and NUL exactly all */
	env.value = big;
	s->request.nargs = 0;
	assert_int_equal(make(s), 0);
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

/* Whatever the bound, a plan is whole or there is none. */
static void test_out_of_memory_is_a_failure(void **state)
{
	static const struct env_entry env[] = { { "A", "1" }, { "B", "2" } };
	struct scene *s = *state;
	size_t need, tried = 0;

	s->request.language = "c";
	s->request.env = env;
	s->request.nenv = 2;
	assert_int_equal(make(s), 0);
	need = s->arena.used_bytes;
	for (size_t bytes = 0; bytes < need; bytes += 16, tried++) {
		struct arena small;

		arena_init(&small, bytes);
		assert_int_equal(planner_plan(&s->config, &s->request, &small, &s->plan,
					      &s->refusal),
				 -ENOMEM);
		arena_done(&small);
	}
	assert_true(tried > 10);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_the_least_request),
		CASE(test_everything_that_a_request_can_say),
		CASE(test_compiled_with_test_cases),
		CASE(test_args_have_a_place),
		CASE(test_layers_of_limits),
		CASE(test_cpu_alone_leaves_wall_as_it_is),
		CASE(test_defaults_above_the_caps_are_lowered),
		CASE(test_caps),
		CASE(test_unknown_languages),
		CASE(test_absent_languages),
		CASE(test_heaps_fit_the_box),
		CASE(test_stdin_with_test_cases),
		CASE(test_file_names),
		CASE(test_names_in_the_environment),
		CASE(test_bytes_of_args_and_env_together),
		CASE(test_counts),
		CASE(test_out_of_memory_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

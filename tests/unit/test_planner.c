/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to plans.  What is decided is held by files in golden/, written anew by
 * `KODEWAR_GOLDEN=write meson test planner`; limits and refusals are tested beside.
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
#include "planner_scene.h"

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

	if (planner_scene_plan(s))
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
	assert_int_equal(planner_scene_plan(s), 0);
	assert_string_equal(s->plan.steps[0].argv[1], "-J-Xmx97m");
	assert_string_equal(s->plan.steps[1].argv[1], "-Xmx769m");
	assert_string_equal(s->plan.steps[2].argv[1], "-Xmx193m");
	assert_string_equal(s->plan.steps[2].argv[2], "/box/y");
	assert_null(s->plan.steps[2].argv[3]);
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
	assert_int_equal(planner_scene_plan(s), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLANNER_CASE(test_the_least_request),
		PLANNER_CASE(test_everything_that_a_request_can_say),
		PLANNER_CASE(test_compiled_with_test_cases),
		PLANNER_CASE(test_args_have_a_place),
		PLANNER_CASE(test_heaps_fit_the_box),
		PLANNER_CASE(test_out_of_memory_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

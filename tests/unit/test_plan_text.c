/* SPDX-License-Identifier: Apache-2.0 */
/* A plan explained: all of it is there, `expected` and contents are not, a terminal is safe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/plan_text.h"

static const char *const compile_argv[] = { "/usr/bin/gcc", "main.c", NULL };
static const char *const run_argv[] = { "/box/main", "two words", "\x1b[31m\"\xff\xc3\xa4\xc2\x9b",
					"", NULL };
static const char *const envp[] = { "PATH=/usr/bin", "A=b c", NULL };
static const struct plan_file files[] = {
	{ .name = "main.c", .content = { "SECRET", 6 }, .mode = 0644 },
};
static const struct test_case cases[] = {
	{ .input = { "12", 2 }, .expected = { "HIDDEN", 6 } },
	{ .input = { "345", 3 }, .expected = { "HIDDEN", 6 } },
	{ .input = { "", 0 }, .expected = { "HIDDEN", 6 } },
};
static const struct request request = { .tests = cases, .ntests = 3 };
static const struct language language = { .name = "c", .title = "C (gcc)" };

static struct plan_step steps[4];
static struct plan plan;

static int make_plan(void **state)
{
	steps[0] = (struct plan_step){ .kind = STEP_COMPILE,
				       .argv = compile_argv,
				       .envp = envp,
				       .cwd = "/box",
				       .files = files,
				       .nfiles = 1,
				       .limits = limits_default,
				       .artefact = "main",
				       .test = -1 };
	for (int i = 0; i < 3; i++)
		steps[i + 1] = (struct plan_step){ .kind = STEP_RUN,
						   .argv = run_argv,
						   .envp = envp,
						   .cwd = "/box",
						   .stdin_text = cases[i].input,
						   .limits = limits_default,
						   .artefact = "main",
						   .test = i };
	steps[3].limits.cpu_ms = 123;
	plan = (struct plan){ .request = &request,
			      .language = &language,
			      .steps = steps,
			      .nsteps = 4,
			      .factors = { 1, 1 },
			      .total_wall_ms = 5000 };
	return 0;
}

static void test_explain(void **state)
{
	static const char *const wanted[] = {
		"language    C (gcc) (c)\n",
		"steps       4, each in a fresh box\n",
		"total wall  5000 ms for all of them\n",
		"\nstep 1: compile, runner exec\n  argv      /usr/bin/gcc main.c\n  cwd       /box\n"
		"  env       PATH=/usr/bin\n            \"A=b c\"\n"
		"  files     main.c (6 bytes, mode 0644)\n  artefact  main is taken out\n"
		"  stdin     0 bytes\n"
		"  limits    cpu_ms            30000   wall_ms           60000   memory_kb        524288\n"
		"            processes            64   open_files         1024   output_bytes    1048576\n"
		"            disk_kb           65536   inodes             4096   file_kb           65536\n",
		"\nstep 2: run, test case 1, runner exec\n",
		"  argv      /box/main \"two words\" \"\\x1b[31m\\\"\\xff\xc3\xa4\\xc2\\x9b\" \"\"\n",
		"  artefact  main is put in\n  stdin     2 bytes\n",
		"\nstep 3: run, test case 2, as step 2, stdin 3 bytes\n",
		"\nstep 4: run, test case 3, runner exec\n",
		"cpu_ms              123",
		"\nevery box\n  namespaces  user (made last), pid",
		"\n  seccomp     default deny",
	};
	_cleanup_free_ char *text = NULL;
	const char *at;
	size_t len;

	assert_int_equal(plan_text_explain(&plan, &text, &len), 0);
	assert_int_equal(len, strlen(text));
	at = text;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		const char *found = strstr(at, wanted[i]);

		if (!found)
			fail_msg("no\n%s\nin\n%s", wanted[i], at);
		at = found;
	}
	assert_null(strstr(text, "HIDDEN"));
	assert_null(strstr(text, "SECRET"));
	assert_null(strchr(text, '\x1b'));
}

static void test_live_stdin(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	plan.live_stdin = true;
	assert_int_equal(plan_text_explain(&plan, &text, &len), 0);
	assert_non_null(strstr(text, "  stdin     0 bytes\n"));
	assert_non_null(strstr(text, "  stdin     the caller's own\n"));
}

static void test_json(void **state)
{
	_cleanup_free_ char *text = NULL, *step = NULL;
	size_t len;
	json_t *json;

	assert_int_equal(plan_json_encode(&plan, &text, &len), 0);
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_int_equal(json_array_size(json_object_get(json, "steps")), 4);
	assert_int_equal(json_integer_value(json_object_get(json, "total_wall_ms")), 5000);
	step = json_dumps(json_array_get(json_object_get(json, "steps"), 0), JSON_COMPACT);
	assert_string_equal(step,
			    "{\"kind\":\"compile\",\"test\":null,\"runner\":\"exec\","
			    "\"argv\":[\"/usr/bin/gcc\",\"main.c\"],"
			    "\"env\":[\"PATH=/usr/bin\",\"A=b c\"],\"cwd\":\"/box\","
			    "\"files\":[{\"name\":\"main.c\",\"bytes\":6,\"mode\":420}],"
			    "\"artefact\":\"main\",\"outputs\":[],\"stdin_bytes\":0,\"limits\":{"
			    "\"cpu_ms\":30000,\"wall_ms\":60000,\"memory_kb\":524288,"
			    "\"processes\":64,\"open_files\":1024,\"output_bytes\":1048576,"
			    "\"disk_kb\":65536,\"inodes\":4096,\"file_kb\":65536}}");
	json_decref(json);
	assert_null(strstr(text, "HIDDEN"));
	assert_null(strstr(text, "SECRET"));
}

static void test_timing(void **state)
{
	_cleanup_free_ char *usual = NULL, *text = NULL, *json = NULL;
	size_t len;

	assert_int_equal(plan_text_explain(&plan, &usual, &len), 0);
	assert_null(strstr(usual, "factors"));
	assert_null(strstr(usual, "repeat"));
	plan.factors = (struct planner_factors){ 2.5, 1 };
	plan.repeat = (struct request_repeat){ .times = 2, .within = 0.1 };
	assert_int_equal(plan_text_explain(&plan, &text, &len), 0);
	assert_non_null(strstr(text, "factors     time 2.5, memory 1, multiplied into the limits"));
	assert_non_null(strstr(text, "repeat      a case that time ends, at most 2 times, and one "
				     "that ends right with less than 10 % of its time left\n"));
	assert_int_equal(plan_json_encode(&plan, &json, &len), 0);
	assert_non_null(strstr(json, "\"factors\":{\"time_factor\":2.5,\"memory_factor\":1},"
				     "\"repeat\":{\"times\":2,\"within\":0.1}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_explain, make_plan),
		cmocka_unit_test_setup(test_timing, make_plan),
		cmocka_unit_test_setup(test_live_stdin, make_plan),
		cmocka_unit_test_setup(test_json, make_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The table that people see of a judged file: what it says of each case, and that no byte of a stranger drives a terminal. */
#include "gate/cli/cli_table.h"
#include "result_scene.h"

struct table {
	struct scene scene;
	size_t group_of[CASES_MAX + 1];
	char *text; /* owned */
};

static void table_done(struct table *t)
{
	scene_done(&t->scene);
	free(t->text);
}

static void table_init(struct table *t, size_t ntests, bool compiled)
{
	memset(t, 0, sizeof(*t));
	scene_init(&t->scene, ntests, compiled);
	t->scene.plan.group_of = t->group_of;
}

static void print(struct table *t)
{
	size_t len;
	FILE *to = open_memstream(&t->text, &len);

	setenv("LC_ALL", "C", 1);
	assert_non_null(to);
	cli_table_print(to, &t->scene.result);
	assert_int_equal(fclose(to), 0);
	for (size_t i = 0; i < len; i++)
		if ((t->text[i] < ' ' && t->text[i] != '\n') || t->text[i] > '~')
			fail_msg("a byte %#x in: %s", (unsigned char)t->text[i], t->text);
	if (strstr(t->text, " \n"))
		fail_msg("blanks at an end: %s", t->text);
}

static void assert_says(struct table *t, const char *line)
{
	if (!t->text)
		print(t);
	if (!strstr(t->text, line))
		fail_msg("no \"%s\" in:\n%s", line, t->text);
}

static void leave_out(struct case_result *c)
{
	c->ran = c->passed = false;
	c->verdict = VERDICT_SKIPPED;
}

static void test_a_checkers_words(void **state)
{
	_cleanup_(table_done) struct table t;
	const struct case_check check = { .comment = "" };

	table_init(&t, 3, false);
	for (size_t i = 0; i < 3; i++)
		t.scene.cases[i].check = &check;
	t.scene.cases[0].comment = "ok 3 \"numbers\"\nand more";
	t.scene.cases[1].passed = t.scene.cases[2].passed = false;
	t.scene.cases[1].verdict = VERDICT_PRESENTATION_ERROR;
	t.scene.cases[1].comment = "\033]0;title\007 \xc3\xa9";
	t.scene.cases[2].verdict = VERDICT_WRONG_ANSWER;
	t.scene.cases[2].comment = "";
	assert_says(&t,
		    "test 1  PASS  accepted               0.003 s  checker: ok 3 \"numbers\"\n");
	assert_says(
		&t,
		"FAIL  presentation_error     0.003 s  checker: \\x1b]0;title\\x07 \\xc3\\xa9\n");
	assert_says(&t, "  the checker does not say why\n");
}

static void test_the_last_line_of_a_crash(void **state)
{
	_cleanup_(table_done) struct table t;
	char long_line[400];

	memset(long_line, 'x', sizeof(long_line));
	table_init(&t, 3, false);
	for (size_t i = 0; i < 3; i++) {
		t.scene.cases[i].passed = false;
		t.scene.cases[i].verdict = VERDICT_RUNTIME_ERROR;
		t.scene.cases[i].outcome.facts.wait_status = EXITED(1);
	}
	t.scene.cases[0].outcome.err = TEXT("Traceback:\n  File\nZeroDivisionError: by zero\r\n\n");
	t.scene.cases[1].outcome.err = TEXT(" \n");
	t.scene.cases[2].outcome.err = (struct text){ long_line, sizeof(long_line) };
	assert_says(&t, "Runtime error: exit code 1. stderr: ZeroDivisionError: by zero\n");
	assert_says(&t, "Runtime error: exit code 1.\n");
	assert_says(&t, "xxxxxxxx...\n");
	assert_null(strstr(t.text, "File"));
}

static void test_points_and_groups(void **state)
{
	static const struct request_group asked[] = { { .name = "small" },
						      { .name = "large\033", .ndepends = 1 } };
	static const size_t depends[] = { 0 };
	const struct plan_group groups[] = {
		{ .asked = &asked[0], .max = 30 },
		{ .asked = &asked[1], .max = 70, .depends = depends }
	};
	struct group_result results[] = { { .points = 12.5, .verdict = VERDICT_PARTIAL },
					  { .verdict = VERDICT_SKIPPED } };
	const struct case_check half = { .points = 0.5, .comment = "half" };
	_cleanup_(table_done) struct table t;

	table_init(&t, 4, false);
	t.scene.request.groups = asked;
	t.scene.request.ngroups = 2;
	t.scene.plan.groups = groups;
	t.scene.plan.scored = true;
	t.scene.result.groups = results;
	t.scene.result.verdict = VERDICT_PARTIAL;
	t.scene.result.points = 12.5;
	t.scene.result.max_points = 100;
	t.scene.tests[0].group = t.scene.tests[1].group = "small";
	t.scene.tests[2].group = t.scene.tests[3].group = "large\033";
	t.group_of[2] = t.group_of[3] = 1;
	t.scene.cases[1].check = &half;
	t.scene.cases[1].comment = "half";
	t.scene.cases[1].passed = false;
	t.scene.cases[1].verdict = VERDICT_PARTIAL;
	for (size_t i = 2; i < 4; i++) {
		leave_out(&t.scene.cases[i]);
		t.scene.cases[i].passed_over = "Skipped: …";
	}
	assert_says(&t, "PASS  accepted               0.003 s     1 of 1     small\n");
	assert_says(&t,
		    "FAIL  partial                0.003 s   0.5 of 1     small  checker: half\n");
	assert_says(
		&t,
		"test 3  SKIP  skipped             not run: a group that its own depends on did not pass\n");
	assert_says(&t, "group partial                 12.5 of 30        small\n");
	assert_says(
		&t,
		"group skipped                    0 of 70        large\\x1b (depends on small)\n");
	assert_says(&t, "partial: 1 of 4 passed, 2 not run, score 12.5 of 100; cpu ");
}

static void test_who_ended_the_group(void **state)
{
	_cleanup_(table_done) struct table t;

	table_init(&t, 3, false);
	t.scene.cases[1].passed = false;
	t.scene.cases[1].verdict = VERDICT_WRONG_ANSWER;
	leave_out(&t.scene.cases[2]);
	t.scene.cases[2].passed_over = "Skipped: …";
	assert_says(&t, "not run: test 2 of its group did not pass\n");
}

static void test_many_that_were_not_run_are_one_row(void **state)
{
	_cleanup_(table_done) struct table t;

	table_init(&t, 4, true);
	t.scene.result.compile.verdict = VERDICT_COMPILE_ERROR;
	for (size_t i = 0; i < 4; i++)
		leave_out(&t.scene.cases[i]);
	assert_says(&t,
		    "tests 1 to 4  SKIP  skipped             not run: the compile step failed\n");
	assert_says(&t, ": 0 of 4 passed, 4 not run; cpu 0.000 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_checkers_words),
		cmocka_unit_test(test_the_last_line_of_a_crash),
		cmocka_unit_test(test_points_and_groups),
		cmocka_unit_test(test_who_ended_the_group),
		cmocka_unit_test(test_many_that_were_not_run_are_one_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Files in and out of a run: what of them is planned and refused, how they are judged, and how they are told. */
#include "result_scene.h"

#include "model/judge.h"
#include "model/planner.h"

static const struct language languages[] = {
	{ .name = "c",
	  .source = "main.c",
	  .compile_argv = (const char *const[]){ "/usr/bin/gcc", NULL },
	  .artefact = "main",
	  .run_argv = (const char *const[]){ "{artefact}", NULL } },
};
static const struct language_set set = { languages, 1 };

struct planned {
	struct arena arena;
	struct request request;
	struct test_case tests[2];
	struct plan plan;
	struct refusal refusal;
};

static int plan_it(struct planned *p)
{
	const struct planner_config config = { &set, limits_default, limits_cap, 0 };

	arena_done(&p->arena);
	arena_init(&p->arena, 1 << 20);
	p->request.language = "c";
	p->request.tests = p->tests;
	memset(&p->refusal, 0, sizeof(p->refusal));
	return planner_plan(&config, &p->request, &p->arena, &p->plan, &p->refusal);
}

static void refused(struct planned *p, const char *field, const char *rule)
{
	assert_int_equal(plan_it(p), 1);
	assert_string_equal(p->refusal.field, field);
	if (!strstr(p->refusal.rule, rule))
		fail_msg("%s: %s", field, p->refusal.rule);
}

static void make(struct planned *p)
{
	*p = (struct planned){ 0 };
	p->request.code = p->tests[0].input = p->tests[1].input = TEXT("in");
	p->tests[0].expected = p->tests[1].expected = TEXT("");
	arena_init(&p->arena, 1 << 20);
}

/* ---- planned ---- */

static void paths_have_rules(void **state)
{
	static const char *const bad[] = { "",	     "/",     "/etc/passwd", "..",  "a/../b",
					   ".",	     "./a",   "a//b",	     "a/",  "a\nb",
					   "\x1b[m", "a\x7f", "../a",	     "a/.." };
	static const char *const good[] = {
		"a", "a/b.txt", "...", ".a", "a b", "\xc3\xa9", "a\\b"
	};
	char longest[257];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (!taken_path_fault(bad[i]))
			fail_msg("%s was taken", bad[i]);
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_null(taken_path_fault(good[i]));
	memset(longest, 'a', 256);
	longest[256] = '\0';
	assert_non_null(taken_path_fault(longest));
	longest[255] = '\0';
	assert_null(taken_path_fault(longest));
}

static void a_case_adds_to_the_request(void **state)
{
	static const char *const whole[] = { "a", "b" }, *const own[] = { "c", "a" };
	static const struct request_file want[] = { { "d", { "x", 1 } }, { "b", { "y", 1 } } };
	struct planned p;
	const struct plan_step *s;

	(void)state;
	make(&p);
	p.request.ntests = 2;
	p.request.output_files = whole;
	p.request.noutput_files = 2;
	p.request.output_file = "answer";
	p.request.input_file = "task.in";
	p.tests[1].output_files = own;
	p.tests[1].noutput_files = 2;
	p.tests[1].expected_files = want;
	p.tests[1].nexpected_files = 2;
	p.tests[1].output_file = "own";
	assert_int_equal(plan_it(&p), 0);
	assert_int_equal(p.plan.steps[0].noutputs, 0); /* the compiler's */
	s = &p.plan.steps[1];
	assert_int_equal(s->noutputs, 3);
	assert_string_equal(s->outputs[2], "answer");
	assert_string_equal(s->answer, "answer");
	assert_int_equal(s->stdin_text.len, 0);
	assert_int_equal(s->nfiles, 1);
	assert_string_equal(s->files[0].name, "task.in");
	assert_int_equal(s->files[0].content.len, 2);
	s = &p.plan.steps[2];
	assert_int_equal(s->noutputs, 5);
	assert_string_equal(s->outputs[2], "own");
	assert_string_equal(s->answer, "own");
	assert_string_equal(s->outputs[3], "c");
	assert_string_equal(s->outputs[4], "d");
	arena_done(&p.arena);
}

static void a_plain_run_has_files_as_well(void **state)
{
	static const char *const whole[] = { "a" };
	struct planned p;

	(void)state;
	make(&p);
	p.request.output_files = whole;
	p.request.noutput_files = 1;
	assert_int_equal(plan_it(&p), 0);
	assert_int_equal(p.plan.steps[1].noutputs, 1);
	assert_null(p.plan.steps[1].answer);
	arena_done(&p.arena);
}

static void what_cannot_be_is_refused(void **state)
{
	static const char *const twice[] = { "a", "a" }, *const up[] = { "a", "../b" };
	static const char *sixteen[16];
	static const char letters[] = "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0p";
	static const struct request_file want[] = { { "z", { "", 0 } } };
	static const struct request_file named[] = { { "x.in", { "", 0 } } };
	static const struct request_checker checker = { .code = { "", 0 }, .language = "c" };
	struct planned p;

	(void)state;
	make(&p);
	p.request.output_files = twice;
	p.request.noutput_files = 2;
	refused(&p, "output_files[1]", "appears twice");
	p.request.output_files = up;
	refused(&p, "output_files[1]", "must be a path in the working directory");
	p.request.noutput_files = 0;
	p.request.output_file = "/tmp/x";
	refused(&p, "output_file", "must be a path");
	p.request.output_file = NULL;
	p.request.input_file = "a/b";
	refused(&p, "input_file", "must be a single file name");
	p.request.input_file = "main.c";
	refused(&p, "input_file", "source file");
	p.request.input_file = "main";
	refused(&p, "input_file", "compiled program");
	p.request.files = named;
	p.request.nfiles = 1;
	p.request.input_file = "x.in";
	refused(&p, "input_file", "one of the files");
	p.request.input_file = NULL;
	for (size_t i = 0; i < 16; i++)
		sixteen[i] = &letters[2 * i];
	p.request.ntests = 1;
	p.tests[0].output_files = sixteen;
	p.tests[0].noutput_files = 16;
	assert_int_equal(plan_it(&p), 0);
	p.tests[0].expected_files = want;
	p.tests[0].nexpected_files = 1;
	refused(&p, "test_cases[0]", "at most 16");
	p.tests[0].noutput_files = 0;
	p.request.checker = &checker;
	refused(&p, "test_cases[0].expected_files", "together with checker");
	p.request.checker = NULL;
	p.request.interactor = &checker;
	refused(&p, "test_cases[0].expected_files", "together with interactor");
	p.tests[0].nexpected_files = 0;
	p.tests[0].output_file = "own";
	refused(&p, "test_cases[0].output_file", "together with interactor");
	arena_done(&p.arena);
}

/* ---- judged ---- */

static const char *const outputs[] = { "a.txt", "b.txt" };
static const struct request_file wanted[] = { { "a.txt", { "one\n", 4 } },
					      { "b.txt", { "two\n", 4 } } };

static void with_files(struct scene *s, const struct taken_file *files)
{
	scene_init(s, 1, false);
	s->steps[0].outputs = outputs;
	s->steps[0].noutputs = 2;
	s->tests[0].expected = TEXT("");
	s->tests[0].expected_files = wanted;
	s->tests[0].nexpected_files = 2;
	s->cases[0].outcome.files = files;
}

static struct case_result *judged(struct scene *s, struct arena *arena)
{
	arena_init(arena, 1 << 20);
	assert_int_equal(judge_case(&s->plan, &s->steps[0], &s->cases[0], arena), 0);
	return &s->cases[0];
}

static void every_file_must_be_right(void **state)
{
	struct taken_file files[] = { { TAKEN_WHOLE, TEXT("one") }, { TAKEN_WHOLE, TEXT("two") } };
	struct arena arena;
	struct scene s;

	(void)state;
	with_files(&s, files);
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_ACCEPTED);
	assert_null(s.cases[0].comment);
	arena_done(&arena);
	files[1].content = TEXT("2");
	with_files(&s, files);
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_WRONG_ANSWER);
	assert_string_equal(s.cases[0].difference.file, "b.txt");
	assert_int_equal(s.cases[0].difference.line, 1);
	assert_string_equal(s.cases[0].comment, "The file b.txt is not what was expected.");
	arena_done(&arena);
	files[0].state = TAKEN_MISSING;
	with_files(&s, files);
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_WRONG_ANSWER);
	assert_string_equal(s.cases[0].comment, "The file a.txt is not there.");
	assert_int_equal(s.cases[0].difference.line, 0);
	arena_done(&arena);
	with_files(&s, NULL);
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_WRONG_ANSWER);
	arena_done(&arena);
}

/* Each of them is decided within its own bound, or not: all of them together are not. */
static void many_slow_patterns_have_one_bound(void **state)
{
	enum { FILES = 64 };
	static const struct compare_spec regex = { .mode = COMPARE_REGEX };
	struct request_file want[FILES];
	struct taken_file files[FILES];
	const char *names[FILES];
	struct arena arena;
	struct scene s;

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		want[i] = (struct request_file){ "a.txt", TEXT("(?:(?:a+)+b|a+)") };
		files[i] = (struct taken_file){ TAKEN_WHOLE, TEXT("aaaaaaaaaaaaaaaaa") };
		names[i] = "a.txt";
	}
	with_files(&s, files);
	s.steps[0].outputs = names;
	s.tests[0].compare = &regex;
	s.tests[0].expected_files = want;
	s.tests[0].nexpected_files = 1;
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_ACCEPTED);
	arena_done(&arena);
	with_files(&s, files);
	s.steps[0].outputs = names;
	s.tests[0].compare = &regex;
	s.tests[0].expected_files = want;
	s.tests[0].nexpected_files = FILES;
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_WRONG_ANSWER);
	assert_string_equal(
		s.cases[0].comment,
		"The file a.txt could not be decided within the bounds of regular expressions.");
	arena_done(&arena);
}

/* An empty `expected` beside files says nothing of stdout; any other one counts. */
static void stdout_counts_where_it_is_expected(void **state)
{
	static const struct taken_file files[] = { { TAKEN_WHOLE, { "one", 3 } },
						   { TAKEN_WHOLE, { "two", 3 } } };
	struct arena arena;
	struct scene s;

	(void)state;
	with_files(&s, files);
	s.tests[0].expected = TEXT("exp");
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_ACCEPTED);
	arena_done(&arena);
	with_files(&s, files);
	s.tests[0].expected = TEXT("other");
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_WRONG_ANSWER);
	assert_null(s.cases[0].difference.file);
	arena_done(&arena);
}

static void a_file_is_the_answer(void **state)
{
	struct taken_file files[] = { { TAKEN_WHOLE, TEXT("exp") }, { TAKEN_MISSING, TEXT("") } };
	struct arena arena;
	struct scene s;

	(void)state;
	for (int named = 0; named < 2; named++) {
		with_files(&s, files);
		s.tests[0].nexpected_files = 0;
		s.tests[0].expected = TEXT("exp");
		s.cases[0].outcome.out = TEXT("not this");
		s.steps[0].answer = outputs[named];
		judged(&s, &arena);
		assert_int_equal(s.cases[0].verdict,
				 named == 0 ? VERDICT_ACCEPTED : VERDICT_WRONG_ANSWER);
		arena_done(&arena);
	}
	/* But where other files are expected, and nothing of it. */
	with_files(&s, files);
	s.tests[0].expected_files = (const struct request_file[]){ { "a.txt", { "exp", 3 } } };
	s.tests[0].nexpected_files = 1;
	s.steps[0].answer = outputs[1];
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_ACCEPTED);
	arena_done(&arena);
	/* Whether or not anything is expected of it. */
	with_files(&s, files);
	s.tests[0].nexpected_files = 0;
	s.steps[0].answer = outputs[1];
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_WRONG_ANSWER);
	arena_done(&arena);
}

static void a_checker_is_asked_of_a_file_that_is_there(void **state)
{
	static const struct taken_file files[] = { { TAKEN_WHOLE, { "x", 1 } },
						   { TAKEN_TOO_LARGE, { "", 0 } } };
	static const struct request_checker checker = { .protocol = CHECKER_TESTLIB };
	struct plan_step made = { .kind = STEP_RUN, .test = -1, .limits = limits_default };
	struct plan own = { .steps = &made, .nsteps = 1 };
	const struct plan_step *check;
	struct arena arena;
	struct scene s;

	(void)state;
	with_files(&s, files);
	s.tests[0].nexpected_files = 0;
	s.plan.checker = &own;
	s.request.checker = &checker;
	s.steps[0].answer = outputs[0];
	assert_true(judged(&s, &arena)->checking);
	assert_int_equal(planner_check(&s.plan, &s.steps[0], &s.cases[0], &arena, &check), 0);
	assert_int_equal(check->nfiles, 3);
	assert_string_equal(check->files[2].name, "output");
	assert_string_equal(check->files[2].content.data, "x");
	assert_int_equal(check->noutputs, 0);
	arena_done(&arena);
	s.cases[0].checking = false;
	s.steps[0].answer = outputs[1];
	assert_int_equal(judged(&s, &arena)->verdict, VERDICT_WRONG_ANSWER);
	assert_false(s.cases[0].checking);
	arena_done(&arena);
}

/* ---- told ---- */

static void files_are_told_by_their_paths(void **state)
{
	static const struct taken_file files[] = { { TAKEN_WHOLE, { "\xff\0", 2 } },
						   { TAKEN_NOT_PLAIN, { "", 0 } } };
	struct scene s;
	const json_t *c;

	(void)state;
	with_files(&s, files);
	s.steps[0].answer = outputs[0];
	encode(&s);
	c = json_array_get(json_object_get(s.json, "test_results"), 0);
	assert_int_equal(json_string_length(json_object_get(json_object_get(c, "files"), "a.txt")),
			 4);
	assert_int_equal(json_object_size(json_object_get(c, "files")), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(c, "files_missing"), "b.txt")),
		"not_plain");
	assert_int_equal(json_object_size(json_object_get(c, "files_missing")), 1);
	assert_int_equal(json_string_length(json_object_get(c, "actual")), 4);
	assert_true(json_is_true(json_object_get(c, "encoding_replaced")));
	assert_true(json_is_null(json_object_get(s.json, "files")));
	scene_done(&s);
}

static void a_plain_run_tells_its_own(void **state)
{
	static const struct taken_file files[] = { { TAKEN_WHOLE, { "x", 1 } },
						   { TAKEN_WHOLE, { "\xff", 1 } } };
	struct scene s;
	const json_t *f;

	(void)state;
	scene_init(&s, 0, true);
	s.steps[1].outputs = outputs;
	s.steps[1].noutputs = 2;
	s.cases[0].outcome.files = files;
	s.request.output_encoding = ENCODING_BASE64;
	encode(&s);
	f = json_object_get(s.json, "files");
	assert_string_equal(json_string_value(json_object_get(f, "a.txt")), "eA==");
	assert_string_equal(json_string_value(json_object_get(f, "b.txt")), "/w==");
	assert_int_equal(json_object_size(json_object_get(s.json, "files_missing")), 0);
	assert_true(json_is_false(json_object_get(s.json, "encoding_replaced")));
	scene_done(&s);
	scene_init(&s, 0, false);
	encode(&s);
	assert_true(json_is_null(json_object_get(s.json, "files")));
	assert_true(json_is_null(json_object_get(s.json, "files_missing")));
	scene_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_have_rules),
		cmocka_unit_test(a_case_adds_to_the_request),
		cmocka_unit_test(a_plain_run_has_files_as_well),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(every_file_must_be_right),
		cmocka_unit_test(many_slow_patterns_have_one_bound),
		cmocka_unit_test(stdout_counts_where_it_is_expected),
		cmocka_unit_test(a_file_is_the_answer),
		cmocka_unit_test(a_checker_is_asked_of_a_file_that_is_there),
		cmocka_unit_test(files_are_told_by_their_paths),
		cmocka_unit_test(a_plain_run_tells_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

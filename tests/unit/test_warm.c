/* SPDX-License-Identifier: Apache-2.0 */
/* A warm runner is used only when its zygotes serve and every self-test is answered as a cold start would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/warm.h"
#include "engine_world.h"

static const struct language_selftest selftests[] = {
	{ .code = "one", .input = "in\n", .expected = "out\n", .exit_code = 3 },
	{ .code = "two", .expected = "" },
	{ .code = "three", .expected = "3" },
};

static const struct language languages[] = {
	{ .name = "py",
	  .source = "main.py",
	  .run_argv = (const char *const[]){ "/usr/bin/python3", "main.py", NULL },
	  .runner = RUNNER_PYTHON,
	  .selftests = selftests,
	  .nselftests = ARRAY_SIZE(selftests) },
	{ .name = "c",
	  .source = "main.c",
	  .run_argv = (const char *const[]){ "main", NULL },
	  .runner = RUNNER_EXEC },
};

static const struct language_set set = { languages, ARRAY_SIZE(languages) };

/* What zygotes will say, once asked for, and how often they were. */
static struct {
	unsigned asked;
	bool ahead;
	enum runner_kind runner;
	int error;
	const char *text;
} zygotes;

/* What is wrong with the answer to which self-test, from 1; and how many were asked. */
static struct {
	unsigned wrong, seen;
	void (*how)(struct fake_end *end);
} answers;

static int on_started(sd_event_source *s, void *user)
{
	struct backend_runner *k = &((struct backend *)user)->runners[zygotes.runner];

	k->error = zygotes.error;
	k->ready = zygotes.error ? 0 : k->asked;
	strncpy(k->text, zygotes.text, sizeof(k->text) - 1);
	sd_event_source_unref(s);
	return 0;
}

static sd_event *loop_of_warm;

static void fake_warm(struct backend *b, enum runner_kind runner, bool ahead)
{
	sd_event_source *s = NULL;

	zygotes.asked++;
	zygotes.runner = runner;
	zygotes.ahead = ahead;
	b->runners[runner].asked = b->lanes;
	assert_true(sd_event_add_defer(loop_of_warm, &s, on_started, b) >= 0);
}

static void answer(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	const struct language_selftest *t = &selftests[answers.seen++];

	assert_true(answers.seen <= ARRAY_SIZE(selftests));
	assert_int_equal(o->step->runner, RUNNER_PYTHON);
	assert_int_equal(o->step->nfiles, 1);
	assert_int_equal(o->step->files[0].content.len, strlen(t->code));
	assert_memory_equal(o->step->files[0].content.data, t->code, strlen(t->code));
	assert_int_equal(o->step->stdin_text.len, t->input ? strlen(t->input) : 0);
	end->facts.runner = START_WARM;
	end->out = (struct text){ t->expected, strlen(t->expected) };
	fake_end_exit(end, (int)t->exit_code);
	if (answers.wrong == answers.seen)
		answers.how(end);
}

/* A world whose backend has zygotes that say this. */
static void warm_world(struct world *w, int error, const char *text)
{
	static struct backend_ops ops;

	world_make(w, 2);
	w->script = answer;
	ops = *w->backend->ops;
	ops.warm = fake_warm;
	w->backend->ops = &ops;
	loop_of_warm = w->loop;
	memset(&zygotes, 0, sizeof(zygotes));
	memset(&answers, 0, sizeof(answers));
	zygotes.error = error;
	zygotes.text = text;
}

static struct warm_report try(struct world *w, bool ahead)
{
	const struct planner_config planner = { &set, limits_default, limits_cap, .cold = ~0u };
	struct warm_report report;
	struct err err = ERR_INIT;

	if (warm_try(w->loop, w->engine, w->backend, &planner, &languages[0], ahead, &report, &err))
		fail_msg("%s", err.text);
	return report;
}

static int prove(struct world *w, const struct language *l, struct err *err)
{
	const struct planner_config planner = { &set, limits_default, limits_cap, .cold = ~0u };

	return warm_prove(w->loop, w->engine, w->backend, &planner, l, false, err);
}

/* The planner is still told to run all cold: these are the programs that change it. */
static void all_self_tests_pass(void **state)
{
	struct warm_report report;
	struct world w;

	warm_world(&w, 0, "3.11.2");
	report = try(&w, true);
	assert_int_equal(report.state, WARM_OK);
	assert_string_equal(report.text, "3.11.2");
	assert_int_equal(report.selftest, 0);
	assert_int_equal(answers.seen, ARRAY_SIZE(selftests));
	assert_int_equal(zygotes.runner, RUNNER_PYTHON);
	assert_true(zygotes.ahead);
	world_end(&w);
}

static void zygotes_are_asked_for_once(void **state)
{
	struct world w;

	warm_world(&w, 0, "3.11.2");
	assert_int_equal(try(&w, false).state, WARM_OK);
	answers.seen = 0;
	assert_int_equal(try(&w, false).state, WARM_OK);
	assert_int_equal(zygotes.asked, 1);
	assert_false(zygotes.ahead);
	world_end(&w);
}

static void a_zygote_that_does_not_serve(void **state)
{
	static const struct {
		int error;
		const char *said;
		enum warm_state want;
		const char *told;
	} table[] = {
		{ -ENOENT, "the python runner is not installed", WARM_MISSING,
		  "the python runner is not installed" },
		{ -EPIPE, "it ended", WARM_COLD, "its zygote ended before it could serve" },
		{ -EUNATCH, "python is now 3.12.0, not 3.11.2: build again", WARM_COLD,
		  "its zygote cannot serve: python is now 3.12.0, not 3.11.2: build again" },
		{ -EUNATCH, "two\nlines\033[2J", WARM_COLD,
		  "its zygote cannot serve: two\\nlines\\x1b[2J" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct warm_report report;
		struct world w;

		warm_world(&w, table[i].error, table[i].said);
		report = try(&w, false);
		assert_int_equal(report.state, table[i].want);
		assert_string_equal(report.text, table[i].told);
		assert_int_equal(w.norders, 0);
		world_end(&w);
	}
}

static void a_backend_without_any(void **state)
{
	struct warm_report report;
	struct world w;

	world_make(&w, 1);
	report = try(&w, false);
	assert_int_equal(report.state, WARM_MISSING);
	assert_string_equal(report.text, "fake boxes have no warm runners");
	world_end(&w);
}

static void wrong_output(struct fake_end *end)
{
	end->out = (struct text){ "a\0\n\377", 4 };
}

static void wrong_code(struct fake_end *end)
{
	fake_end_exit(end, 1);
	end->err = TEXT("Traceback\nAssertionError: \"x\"\n\n");
}

static void killed(struct fake_end *end)
{
	end->facts.wait_status = SIGSEGV;
}

static void cold_start(struct fake_end *end)
{
	end->facts.runner = START_COLD;
}

static void broken_box(struct fake_end *end)
{
	end->facts.started = end->facts.ended = 0;
	end->facts.kill = KILL_BROKEN;
	end->facts.setup_errno = ENOSPC;
	strcpy(end->facts.setup_step, "zygote");
}

static void much_output(struct fake_end *end)
{
	static char much[5000];

	memset(much, '\n', sizeof(much));
	end->out = (struct text){ much, sizeof(much) };
}

static void a_self_test_that_fails(void **state)
{
	static const struct {
		unsigned number;
		void (*how)(struct fake_end *end);
		const char *told;
	} table[] = {
		{ 1, wrong_output, "self-test 1: it printed \"a\\x00\\n\\xff\", not \"out\\n\"" },
		{ 1, wrong_code,
		  "self-test 1: exit code 1, not 3; stderr ends \"AssertionError: \"x\"\"" },
		{ 2, wrong_code,
		  "self-test 2: exit code 1, not 0; stderr ends \"AssertionError: \"x\"\"" },
		{ 3, killed, "self-test 3: it had to end with exit code 0: Runtime error: " },
		{ 3, cold_start, "self-test 3: it was started cold" },
		{ 2, broken_box, "self-test 2: it could not be run: " },
		{ 2, much_output, "self-test 2: it printed \"\\n\\n\\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct warm_report report;
		struct world w;

		warm_world(&w, 0, "3.11.2");
		answers.wrong = table[i].number;
		answers.how = table[i].how;
		report = try(&w, false);
		assert_int_equal(report.state, WARM_COLD);
		assert_int_equal(report.selftest, table[i].number);
		assert_int_equal(answers.seen, table[i].number); /* no further ones are run */
		if (strncmp(report.text, table[i].told, strlen(table[i].told)) != 0)
			fail_msg("%s", report.text);
		assert_null(strchr(report.text, '\n'));
		world_end(&w);
	}
}

static void whoever_needs_it_is_told_why(void **state)
{
	struct err err = ERR_INIT;
	struct world w;

	warm_world(&w, 0, "3.11.2");
	assert_int_equal(prove(&w, &languages[0], &err), 0);
	assert_string_equal(err.text, "");
	assert_int_equal(prove(&w, &languages[1], &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "c has no warm runner"));
	assert_int_equal(zygotes.asked, 1);
	world_end(&w);

	warm_world(&w, -EPIPE, "it ended");
	err = (struct err)ERR_INIT;
	assert_int_equal(prove(&w, &languages[0], &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "no warm py here: its zygote ended before it could serve; "
					 "kodewar doctor"));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_self_tests_pass),
		cmocka_unit_test(zygotes_are_asked_for_once),
		cmocka_unit_test(a_zygote_that_does_not_serve),
		cmocka_unit_test(a_backend_without_any),
		cmocka_unit_test(a_self_test_that_fails),
		cmocka_unit_test(whoever_needs_it_is_told_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

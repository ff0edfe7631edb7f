/* SPDX-License-Identifier: Apache-2.0 */
/* One job over a fake backend: which boxes are begun, with what, and what is told in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "engine_world.h"

/* ---- the way through ---- */

static void test_cases_in_order_on_one_lane(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	s = submission_make(&w, 5, false);
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(w.norders, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(w.orders[i].test, i);
		assert_int_equal(w.orders[i].running, 0);
		assert_string_equal(w.orders[i].job, "one");
		assert_int_equal(s->got.cases[i], VERDICT_ACCEPTED);
	}
	assert_int_equal(s->got.verdict, VERDICT_ACCEPTED);
	assert_true(s->got.success);
	assert_string_equal(s->got.id, "one");
	submission_drop(s);
	world_end(&w);
}

static void test_cases_spread_over_lanes(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 3);
	w.script = script_hold;
	s = submission_make(&w, 5, false);
	submission_submit(s, "one");
	world_settle(&w);
	assert_int_equal(fake_running(w.backend), 3);
	assert_int_equal(w.norders, 3);
	assert_true(fake_release(w.backend));
	world_settle(&w);
	assert_int_equal(fake_running(w.backend), 3);
	assert_int_equal(w.norders, 4);
	while (fake_release(w.backend))
		world_settle(&w);
	assert_true(s->done);
	assert_int_equal(w.norders, 5);
	submission_drop(s);
	world_end(&w);
}

static void script_second_wrong(struct world *w, const struct backend_order *o,
				struct fake_end *end)
{
	if (o->step->test == 1)
		end->out = TEXT("wrong");
	if (o->step->test == 2)
		fake_end_exit(end, 3);
}

static void test_failures_do_not_stop_others(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_second_wrong;
	s = submission_make(&w, 4, false);
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(s->got.cases[0], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[1], VERDICT_WRONG_ANSWER);
	assert_int_equal(s->got.cases[2], VERDICT_RUNTIME_ERROR);
	assert_int_equal(s->got.cases[3], VERDICT_ACCEPTED);
	assert_int_equal(s->got.verdict, VERDICT_WRONG_ANSWER);
	assert_false(s->got.success);
	submission_drop(s);
	world_end(&w);
}

static void test_stop_on_failure(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 4);
	w.script = script_second_wrong;
	s = submission_make(&w, 4, false);
	s->request.stop_on_failure = true;
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(w.norders, 2);
	assert_int_equal(w.orders[1].running, 0); /* one at a time, though lanes are idle */
	assert_int_equal(s->got.cases[0], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[1], VERDICT_WRONG_ANSWER);
	assert_int_equal(s->got.cases[2], VERDICT_SKIPPED);
	assert_int_equal(s->got.cases[3], VERDICT_SKIPPED);
	assert_false(s->got.ran[2]);
	submission_drop(s);
	world_end(&w);
}

static void script_print(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->out = (struct text){ "a\0b", 3 };
	end->err = TEXT("oops");
}

/* The fake frees its buffers after the call: what is told must be a copy. NUL is data. */
static void test_output_is_kept_and_streamed(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_print;
	s = submission_make(&w, 1, false);
	s->tests[0].expected = (struct text){ "a\0b", 3 };
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(s->got.verdict, VERDICT_ACCEPTED);
	assert_memory_equal(s->got.out, "a\0b", 3);
	assert_string_equal(s->streamed, "1:a;2:oops;");
	submission_drop(s);
	world_end(&w);
}

static void script_big_second(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	static char big[4096];

	if (o->step->test == 1)
		end->out = (struct text){ big, sizeof(big) };
}

/* Over the arena's bound: that case is our failure, the others stand. */
static void test_output_beyond_the_arena(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_big_second;
	s = submission_make(&w, 3, false);
	submission_submit(s, "one");
	s->arena.max_bytes = s->arena.used_bytes + 1024;
	world_finish(&w);
	assert_int_equal(s->got.cases[0], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[1], VERDICT_INTERNAL_ERROR);
	assert_int_equal(s->got.cases[2], VERDICT_ACCEPTED);
	assert_false(s->got.success);
	assert_true(s->got.error[0]);
	submission_drop(s);
	world_end(&w);
}

static void test_no_memory_for_a_job(void **state)
{
	const struct job_events events = { .on_done = submission_on_done };
	struct world w;
	struct submission *s;
	int pipe_fds[2];

	world_make(&w, 1);
	s = submission_make(&w, 3, false);
	s->arena.max_bytes = s->arena.used_bytes;
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	assert_int_equal(engine_submit(w.engine,
				       &(struct engine_order){ .plan = &s->plan,
							       .arena = &s->arena,
							       .id = "one",
							       .live_stdin_fd = pipe_fds[0],
							       .events = &events,
							       .user = s },
				       &s->job, NULL),
			 -ENOMEM);
	assert_int_equal(fcntl(pipe_fds[0], F_GETFD), -1); /* taken over all the same */
	close(pipe_fds[1]);
	submission_drop(s);
	world_end(&w);
}

static void test_live_stdin_goes_to_the_run(void **state)
{
	struct world w;
	struct submission *s;
	int pipe_fds[2];

	world_make(&w, 1);
	s = submission_make(&w, 1, true);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	submission_submit_with(s, "one", pipe_fds[0]);
	world_finish(&w);
	assert_false(w.orders[0].live_stdin);
	assert_true(w.orders[1].live_stdin);
	assert_int_equal(fcntl(pipe_fds[0], F_GETFD), -1);
	close(pipe_fds[1]);
	submission_drop(s);
	world_end(&w);
}

/* ---- compile steps ---- */

static void test_artefact_reaches_every_run(void **state)
{
	int before = next_free_fd();
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_hold_compile;
	s = submission_make(&w, 3, true);
	submission_submit(s, "one");
	world_settle(&w);
	assert_int_equal(w.norders, 1); /* runs wait for it, idle lane or not */
	assert_int_equal(w.orders[0].test, -1);
	fake_release(w.backend);
	world_finish(&w);
	assert_int_equal(w.norders, 4);
	for (int i = 1; i < 4; i++)
		assert_true(w.orders[i].artefact);
	assert_int_equal(s->got.compile, VERDICT_ACCEPTED);
	assert_int_equal(s->got.verdict, VERDICT_ACCEPTED);
	submission_drop(s);
	world_end(&w);
	assert_int_equal(next_free_fd(), before); /* closed with the job */
}

static void script_bad_compile(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	if (o->step->kind != STEP_COMPILE)
		return;
	fake_end_exit(end, 1);
	end->artefact = false;
	end->err = TEXT("a.c:1: error");
}

static void test_compile_failure_skips_all(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_bad_compile;
	s = submission_make(&w, 3, true);
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.verdict, VERDICT_COMPILE_ERROR);
	assert_int_equal(s->got.compile, VERDICT_COMPILE_ERROR);
	assert_non_null(strstr(s->got.error, "a.c:1: error"));
	for (int i = 0; i < 3; i++)
		assert_int_equal(s->got.cases[i], VERDICT_SKIPPED);
	assert_string_equal(s->streamed, ""); /* a compiler's output is no program's */
	submission_drop(s);
	world_end(&w);
}

static void script_lost_artefact(struct world *w, const struct backend_order *o,
				 struct fake_end *end)
{
	end->artefact = false;
	end->facts.artefact = o->step->kind == STEP_COMPILE; /* taken, it says */
}

static void test_lost_artefact_is_our_failure(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_lost_artefact;
	s = submission_make(&w, 2, true);
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.verdict, VERDICT_INTERNAL_ERROR);
	submission_drop(s);
	world_end(&w);
}

/* ---- failures of the backend ---- */

static void script_refuse_second(struct world *w, const struct backend_order *o,
				 struct fake_end *end)
{
	end->refuse = o->step->test == 1 ? -EMFILE : 0;
}

static void test_box_that_cannot_be_made(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_refuse_second;
	s = submission_make(&w, 3, false);
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(s->got.cases[0], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[1], VERDICT_INTERNAL_ERROR);
	assert_int_equal(s->got.cases[2], VERDICT_ACCEPTED);
	assert_int_equal(s->got.verdict, VERDICT_INTERNAL_ERROR);
	submission_drop(s);
	world_end(&w);
}

static void script_refuse_all(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->refuse = -EPIPE;
}

/* As with a warden that is gone: all end, told from the loop, and nothing is left behind. */
static void test_backend_that_makes_nothing(void **state)
{
	struct world w;
	struct submission *s[3];

	world_make(&w, 2);
	w.script = script_refuse_all;
	s[0] = submission_make(&w, 40, false);
	s[1] = submission_make(&w, 2, true);
	s[2] = submission_make(&w, 3, false);
	s[2]->request.stop_on_failure = true;
	for (int i = 0; i < 3; i++)
		submission_submit(s[i], "one");
	world_finish(&w);
	assert_int_equal(w.norders, 40 + 1 + 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(s[i]->got.verdict, VERDICT_INTERNAL_ERROR);
		submission_drop(s[i]);
	}
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_in_order_on_one_lane),
		cmocka_unit_test(test_cases_spread_over_lanes),
		cmocka_unit_test(test_failures_do_not_stop_others),
		cmocka_unit_test(test_stop_on_failure),
		cmocka_unit_test(test_output_is_kept_and_streamed),
		cmocka_unit_test(test_output_beyond_the_arena),
		cmocka_unit_test(test_no_memory_for_a_job),
		cmocka_unit_test(test_live_stdin_goes_to_the_run),
		cmocka_unit_test(test_artefact_reaches_every_run),
		cmocka_unit_test(test_compile_failure_skips_all),
		cmocka_unit_test(test_lost_artefact_is_our_failure),
		cmocka_unit_test(test_box_that_cannot_be_made),
		cmocka_unit_test(test_backend_that_makes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

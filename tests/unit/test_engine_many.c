/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs side by side, jobs that are cancelled, and the budget of a submission. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine_world.h"

/* ---- several jobs ---- */

static void test_round_robin(void **state)
{
	struct world w;
	struct submission *big, *small;
	size_t last_small = 0;

	world_make(&w, 1);
	big = submission_make(&w, 40, false);
	small = submission_make(&w, 3, false);
	submission_submit(big, "big");
	submission_submit(small, "small");
	world_finish(&w);
	for (size_t i = 0; i < w.norders; i++)
		if (!strcmp(w.orders[i].job, "small"))
			last_small = i;
	assert_string_equal(w.orders[0].job, "big");	/* first come, first served */
	assert_string_equal(w.orders[16].job, "small"); /* after one turn of the other */
	assert_int_equal(last_small, 18);
	submission_drop(big);
	submission_drop(small);
	world_end(&w);
}

static struct submission *next_submission;

static void submit_the_next(struct submission *s)
{
	if (!next_submission)
		return;
	submission_submit(TAKE_PTR(next_submission), "next");
}

/* The submitter may take everything that it lent back at once. */
static void test_submit_from_on_done(void **state)
{
	struct world w;
	struct submission *first, *second;

	world_make(&w, 1);
	w.when_done = submit_the_next;
	first = submission_make(&w, 2, false);
	second = next_submission = submission_make(&w, 2, false);
	submission_submit(first, "first");
	world_finish(&w);
	assert_true(first->done && second->done);
	assert_string_equal(second->got.id, "next");
	submission_drop(first);
	submission_drop(second);
	world_end(&w);
}

static struct submission *victim;

static void cancel_the_victim(struct submission *s)
{
	if (victim && s != victim)
		engine_cancel(s->world->engine, TAKE_PTR(victim)->job);
}

static void test_cancel_another_from_on_done(void **state)
{
	struct world w;
	struct submission *first, *second;

	world_make(&w, 1);
	w.when_done = cancel_the_victim;
	first = submission_make(&w, 1, false);
	second = victim = submission_make(&w, 9, false);
	submission_submit(first, "first");
	submission_submit(second, "second");
	world_finish(&w);
	assert_int_equal(first->got.verdict, VERDICT_ACCEPTED);
	assert_false(second->got.success);
	assert_int_equal(second->got.cases[8], VERDICT_SKIPPED);
	submission_drop(first);
	submission_drop(second);
	world_end(&w);
}

/* ---- cancelling ---- */

static void test_cancel_while_running(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_hold;
	s = submission_make(&w, 5, false);
	submission_submit(s, "one");
	world_settle(&w);
	engine_cancel(w.engine, s->job);
	engine_cancel(w.engine, s->job); /* twice is once */
	assert_false(s->done);
	world_finish(&w);
	assert_int_equal(w.norders, 2);
	assert_int_equal(s->got.kills[0], KILL_CANCEL);
	assert_int_equal(s->got.cases[0], VERDICT_INTERNAL_ERROR);
	assert_int_equal(s->got.cases[1], VERDICT_INTERNAL_ERROR);
	assert_int_equal(s->got.cases[2], VERDICT_SKIPPED);
	submission_drop(s);
	world_end(&w);
}

static void test_cancel_while_compiling(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_hold_compile;
	s = submission_make(&w, 2, true);
	submission_submit(s, "one");
	world_settle(&w);
	engine_cancel(w.engine, s->job);
	world_finish(&w);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.compile, VERDICT_INTERNAL_ERROR);
	submission_drop(s);
	world_end(&w);
}

static void test_cancel_while_waiting(void **state)
{
	struct world w;
	struct submission *busy, *s, *c;

	world_make(&w, 1);
	w.script = script_hold;
	busy = submission_make(&w, 1, false);
	s = submission_make(&w, 2, false);
	c = submission_make(&w, 2, true);
	submission_submit(busy, "busy");
	submission_submit(s, "one");
	submission_submit(c, "two");
	world_settle(&w);
	engine_cancel(w.engine, s->job);
	engine_cancel(w.engine, c->job);
	assert_false(s->done);
	world_settle(&w);
	assert_true(s->done && c->done && !busy->done);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.verdict, VERDICT_SKIPPED);
	assert_int_equal(c->got.compile, VERDICT_SKIPPED);
	fake_release(w.backend);
	world_finish(&w);
	submission_drop(busy);
	submission_drop(s);
	submission_drop(c);
	world_end(&w);
}

/* At shutdown nothing is told any more, and nothing leaks. */
static void test_free_with_jobs_left(void **state)
{
	int before = next_free_fd();
	struct world w;
	struct submission *s, *waiting;
	int pipe_fds[2];

	world_make(&w, 1);
	w.script = script_hold;
	s = submission_make(&w, 3, true);
	waiting = submission_make(&w, 1, false);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	submission_submit(s, "one");
	submission_submit_with(waiting, "two", pipe_fds[0]);
	world_settle(&w);
	world_end(&w);
	close(pipe_fds[1]);
	assert_false(s->done || waiting->done);
	assert_int_equal(next_free_fd(), before);
	submission_drop(s);
	submission_drop(waiting);
}

/* ---- the budget ---- */

static void script_half_second(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->facts.wall_usec = 500000;
}

/* 500 ms each of 1200: caps shrink; the third ends it, the rest is skipped. */
static void test_budget_is_a_sum(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_half_second;
	s = submission_make(&w, 5, false);
	s->plan.total_wall_ms = 1200;
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(w.norders, 3);
	assert_int_equal(w.orders[0].wall_cap_ms, 1200);
	assert_int_equal(w.orders[1].wall_cap_ms, 700);
	assert_int_equal(w.orders[2].wall_cap_ms, 200);
	assert_int_equal(s->got.cases[2], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[3], VERDICT_SKIPPED);
	assert_int_equal(s->got.cases[4], VERDICT_SKIPPED);
	assert_false(s->got.success);
	submission_drop(s);
	world_end(&w);
}

static void test_budget_counts_the_compiler(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_half_second;
	s = submission_make(&w, 2, true);
	s->plan.total_wall_ms = 500;
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.compile, VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[0], VERDICT_SKIPPED);
	submission_drop(s);
	world_end(&w);
}

/* Boxes side by side spend it together: none reaches its own cap, the sum stops them. */
static void test_budget_of_boxes_side_by_side(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 3);
	w.script = script_hold;
	s = submission_make(&w, 5, false);
	s->plan.total_wall_ms = 300;
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(w.norders, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(s->got.kills[i], KILL_TOTAL_WALL);
		assert_int_equal(s->got.cases[i], VERDICT_TIME_LIMIT);
	}
	assert_int_equal(s->got.cases[3], VERDICT_SKIPPED);
	assert_false(s->got.ran[4]);
	submission_drop(s);
	world_end(&w);
}

static void script_hold_first(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->hold = o->step->test == 0;
	end->facts.wall_usec = 125000;
}

/* One that ran beside others and is left alone has a cap from before they spent theirs. */
static void test_budget_of_the_last_one_left(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_hold_first;
	s = submission_make(&w, 2, false);
	s->plan.total_wall_ms = 300;
	submission_submit(s, "one");
	world_finish(&w);
	assert_int_equal(s->got.kills[0], KILL_TOTAL_WALL);
	assert_int_equal(s->got.cases[1], VERDICT_ACCEPTED);
	submission_drop(s);
	world_end(&w);
}

/* Waiting for a lane is not charged: the first box of a late job gets the whole budget. */
static void test_waiting_is_free(void **state)
{
	struct world w;
	struct submission *first, *second;

	world_make(&w, 1);
	w.script = script_half_second;
	first = submission_make(&w, 1, false);
	second = submission_make(&w, 1, false);
	first->plan.total_wall_ms = second->plan.total_wall_ms = 600;
	submission_submit(first, "first");
	submission_submit(second, "second");
	world_finish(&w);
	assert_int_equal(w.orders[1].wall_cap_ms, 600);
	assert_int_equal(second->got.verdict, VERDICT_ACCEPTED);
	submission_drop(first);
	submission_drop(second);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_robin),
		cmocka_unit_test(test_submit_from_on_done),
		cmocka_unit_test(test_cancel_another_from_on_done),
		cmocka_unit_test(test_cancel_while_running),
		cmocka_unit_test(test_cancel_while_compiling),
		cmocka_unit_test(test_cancel_while_waiting),
		cmocka_unit_test(test_free_with_jobs_left),
		cmocka_unit_test(test_budget_is_a_sum),
		cmocka_unit_test(test_budget_counts_the_compiler),
		cmocka_unit_test(test_budget_of_boxes_side_by_side),
		cmocka_unit_test(test_budget_of_the_last_one_left),
		cmocka_unit_test(test_waiting_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

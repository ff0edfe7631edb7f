/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is: tenants, priorities, turns, bounds, deadlines, and what is told on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "engine_world.h"

#define MANY 60

static struct submission *put(struct world *w, const char *tenant, const char *id, size_t ncases)
{
	struct submission *s = submission_make(w, ncases, false);

	s->tenant = tenant;
	submission_submit(s, id);
	return s;
}

static size_t first_order_of(const struct world *w, const char *id)
{
	size_t i = 0;

	while (i < w->norders && strcmp(w->orders[i].job, id) != 0)
		i++;
	return i;
}

/* Sixty jobs of one, then one of another: he is second, not sixty-first. */
static void test_a_tenant_with_many_jobs_takes_one_turn(void **state)
{
	struct submission *all[MANY + 1];
	struct world w;
	char id[16];

	world_make(&w, 1);
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "many%d", i);
		all[i] = put(&w, "many", id, 2);
	}
	all[MANY] = put(&w, "one", "one", 2);
	assert_int_equal(engine_position(w.engine, all[MANY]->job), 1);
	for (int i = 0; i < MANY; i++) /* from either end; the other's one goes after the first */
		assert_int_equal(engine_position(w.engine, all[i]->job), i + (i > 0));
	world_finish(&w);
	assert_int_equal(first_order_of(&w, "one"), 1);
	assert_string_equal(w.orders[3].job, "one"); /* turn by turn, box by box */
	for (int i = 0; i <= MANY; i++)
		submission_drop(all[i]);
	world_end(&w);
}

/* Three tenants of which two never stop asking: each gets a third of the boxes. */
static void test_shares_are_equal(void **state)
{
	static const char *const tenants[] = { "a", "b", "c" };
	struct submission *all[3][4];
	size_t boxes[3] = { 0 };
	struct world w;
	char id[16];

	world_make(&w, 2);
	for (int t = 0; t < 3; t++)
		for (int i = 0; i < (t == 2 ? 2 : 4); i++) {
			snprintf(id, sizeof(id), "%s%d", tenants[t], i);
			all[t][i] = put(&w, tenants[t], id, 10);
		}
	world_finish(&w);
	for (size_t i = 0; i < 60; i++)
		boxes[w.orders[i].job[0] - 'a']++;
	for (int t = 0; t < 3; t++)
		assert_int_equal(boxes[t], 20);
	for (int t = 0; t < 3; t++)
		for (int i = 0; i < (t == 2 ? 2 : 4); i++)
			submission_drop(all[t][i]);
	world_end(&w);
}

static void test_jobs_of_one_turn_end_in_order(void **state)
{
	struct submission *a, *b;
	struct world w;

	world_make(&w, 1);
	a = put(&w, "", "a", 10);
	b = put(&w, "", "b", 10);
	world_finish(&w);
	assert_int_equal(first_order_of(&w, "b"), 10);
	submission_drop(a);
	submission_drop(b);
	world_end(&w);
}

static void script_slow(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->facts.wall_usec = 60000;
}

/* A turn is also bounded in time: two boxes of 60 ms are one. */
static void test_a_turn_is_bounded_in_time(void **state)
{
	struct submission *a, *b;
	struct world w;

	world_make(&w, 1);
	w.script = script_slow;
	a = put(&w, "", "a", 10);
	b = put(&w, "", "b", 10);
	world_finish(&w);
	assert_int_equal(first_order_of(&w, "b"), 3);
	submission_drop(a);
	submission_drop(b);
	world_end(&w);
}

static void test_priorities_within_a_tenant_only(void **state)
{
	struct submission *low, *high, *other;
	struct world w;

	world_make(&w, 1);
	low = put(&w, "a", "low", 3);
	high = submission_make(&w, 3, false);
	high->tenant = "a";
	high->priority = 9;
	submission_submit(high, "high");
	other = put(&w, "b", "other", 3);
	assert_int_equal(engine_position(w.engine, low->job), 2);
	assert_int_equal(engine_position(w.engine, high->job), 0);
	world_finish(&w);
	assert_int_equal(first_order_of(&w, "high"), 0);
	assert_int_equal(first_order_of(&w, "other"), 1);
	assert_int_equal(first_order_of(&w, "low"), 6);
	submission_drop(low);
	submission_drop(high);
	submission_drop(other);
	world_end(&w);
}

static void test_boxes_of_a_tenant_are_bounded(void **state)
{
	struct submission *a, *b;
	struct world w;

	world_make(&w, 4);
	w.script = script_hold;
	a = submission_make(&w, 9, false);
	a->tenant = "a";
	a->tenant_boxes = 2;
	submission_submit(a, "a");
	world_settle(&w);
	assert_int_equal(fake_running(w.backend), 2);
	b = put(&w, "b", "b", 9);
	world_settle(&w);
	assert_int_equal(fake_running(w.backend), 4);
	assert_string_equal(w.orders[2].job, "b");
	assert_string_equal(w.orders[3].job, "b");
	while (fake_release(w.backend))
		world_settle(&w);
	assert_true(a->done && b->done);
	submission_drop(a);
	submission_drop(b);
	world_end(&w);
}

/*
 * Half-done jobs hold memory.  Twelve that need more than a turn each: only eight are begun before one of them
 * ends, and somebody else's job is not held up by that.
 */
static void test_half_done_jobs_are_bounded(void **state)
{
	struct submission *all[12], *other;
	struct engine_counts counts;
	size_t last_of_first = 0;
	unsigned most = 0;
	struct world w;
	char id[16];

	world_make(&w, 1);
	for (int i = 0; i < 12; i++) {
		snprintf(id, sizeof(id), "a%d", i);
		all[i] = put(&w, "a", id, 18);
	}
	while (w.norders < 150) {
		assert_true(sd_event_run(w.loop, UINT64_MAX) >= 0);
		engine_count(w.engine, &counts);
		most = counts.begun > most ? counts.begun : most;
	}
	assert_int_equal(most, 8);
	other = put(&w, "b", "b", 1);
	world_finish(&w);
	for (size_t i = 0; i < w.norders; i++)
		if (strcmp(w.orders[i].job, "a0") == 0)
			last_of_first = i;
	assert_true(first_order_of(&w, "a7") < last_of_first);
	assert_true(first_order_of(&w, "a8") > last_of_first);
	assert_in_range(first_order_of(&w, "b"), 150, 151);
	for (int i = 0; i < 12; i++)
		submission_drop(all[i]);
	submission_drop(other);
	world_end(&w);
}

static void script_prints_much(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	static char text[20000];

	memset(text, 'x', sizeof(text));
	end->out = (struct text){ text, sizeof(text) };
}

/* Of each priority one, from the lowest: each is half done when the next comes, and none is ever over by itself. */
static void test_half_done_jobs_of_all_priorities_are_bounded(void **state)
{
	struct submission *all[19];
	struct engine_counts counts;
	unsigned most = 0;
	struct world w;
	char id[16];

	world_make(&w, 1);
	w.script = script_hold;
	for (int i = 0; i < 19; i++) {
		all[i] = submission_make(&w, 2, false);
		all[i]->tenant = "a";
		all[i]->priority = i - 9;
		snprintf(id, sizeof(id), "a%d", i);
		submission_submit(all[i], id);
		world_settle(&w);
		if (i > 0)
			fake_release(w.backend); /* the first box of the one before is over */
		world_settle(&w);
		engine_count(w.engine, &counts);
		most = counts.begun > most ? counts.begun : most;
	}
	assert_int_equal(most, 16);
	while (fake_release(w.backend))
		world_settle(&w);
	for (int i = 0; i < 19; i++) {
		assert_int_equal(all[i]->got.verdict, VERDICT_ACCEPTED);
		submission_drop(all[i]);
	}
	world_end(&w);
}

/*
 * What half-done jobs hold is bounded together: a tenant at the bound gets his oldest job done, whatever comes with a
 * higher priority; who has begun nothing is begun all the same.
 */
static void test_what_half_done_jobs_hold_is_bounded(void **state)
{
	struct submission *old, *high, *other;
	struct engine_counts counts;
	struct world w;

	world_make(&w, 1);
	w.script = script_prints_much;
	engine_set_begun_bytes(w.engine, 100000);
	old = submission_make(&w, 20, false);
	old->tenant = "a";
	submission_submit(old, "old");
	while (w.norders < 4) /* three of its cases hold 60,000, more than they leave */
		assert_true(sd_event_run(w.loop, UINT64_MAX) >= 0);
	high = submission_make(&w, 20, false);
	high->tenant = "a";
	high->priority = 9;
	submission_submit(high, "high");
	other = put(&w, "b", "other", 2);
	world_finish(&w);
	assert_in_range(first_order_of(&w, "other"), 4, 6);
	assert_int_equal(first_order_of(&w, "high"), 22); /* after all of the old one */
	engine_count(w.engine, &counts);
	assert_int_equal(counts.begun_bytes, 0);
	submission_drop(old);
	submission_drop(high);
	submission_drop(other);
	world_end(&w);
}

/* ---- deadlines ---- */

static void test_not_begun_in_time(void **state)
{
	struct submission *busy, *late, *early;
	struct world w;

	world_make(&w, 1);
	w.script = script_hold;
	busy = put(&w, "", "busy", 1);
	busy->begin_ms = 1;
	late = submission_make(&w, 2, true);
	late->begin_ms = 1;
	submission_submit(late, "late");
	early = submission_make(&w, 1, false);
	early->begin_ms = 3600000;
	submission_submit(early, "early");
	while (!late->done)
		assert_true(sd_event_run(w.loop, UINT64_MAX) >= 0);
	assert_int_equal(late->got.verdict, VERDICT_INTERNAL_ERROR);
	assert_string_equal(late->got.error,
			    "Internal error: the job was not begun before its deadline.");
	assert_int_equal(late->got.cases[0], VERDICT_SKIPPED);
	assert_false(late->got.success || busy->done || early->done);
	while (fake_release(w.backend))
		world_settle(&w);
	assert_int_equal(busy->got.verdict,
			 VERDICT_ACCEPTED); /* begun in time, however long it takes */
	assert_int_equal(early->got.verdict, VERDICT_ACCEPTED);
	submission_drop(busy);
	submission_drop(late);
	submission_drop(early);
	world_end(&w);
}

/* ---- what is told ---- */

static char told[128];

static void tell(const char *what)
{
	strncat(told, what, sizeof(told) - strlen(told) - 1);
}

static bool next_waits(void *user)
{
	tell("next ");
	return false;
}

static void told_begin(void *user, enum step_kind kind)
{
	tell(kind == STEP_COMPILE ? "compile " : "run ");
}

static void told_case(void *user, const struct result *result, size_t index)
{
	char text[32];

	snprintf(text, sizeof(text), "%zu:%s ", index, verdict_names[result->cases[index].verdict]);
	tell(text);
}

static void script_second_fails(struct world *w, const struct backend_order *o,
				struct fake_end *end)
{
	if (o->step->test == 1)
		fake_end_exit(end, 1);
}

/* One that is not cleared yet holds no lane; then all is told in order, each once. */
static void test_events_and_clearance(void **state)
{
	struct submission *s, *other;
	struct world w;

	told[0] = '\0';
	world_make(&w, 1);
	w.script = script_second_fails;
	s = submission_make(&w, 2, true);
	s->on_next = next_waits;
	s->on_begin = told_begin;
	s->on_case = told_case;
	submission_submit(s, "s");
	other = put(&w, "", "other", 3);
	world_settle(&w);
	assert_true(other->done);
	assert_string_equal(told, "next ");
	engine_clear(w.engine, s->job);
	world_finish(&w);
	assert_string_equal(told, "next compile run 0:accepted 1:runtime_error ");
	submission_drop(s);
	submission_drop(other);
	world_end(&w);
}

static void test_cancel_before_clearance(void **state)
{
	struct submission *s;
	struct world w;

	told[0] = '\0';
	world_make(&w, 1);
	s = submission_make(&w, 2, false);
	s->on_next = next_waits;
	submission_submit(s, "s");
	world_settle(&w);
	engine_cancel(w.engine, s->job);
	world_finish(&w);
	assert_int_equal(w.norders, 0);
	assert_int_equal(s->got.verdict, VERDICT_SKIPPED);
	submission_drop(s);
	world_end(&w);
}

/* Its last box has ended, and that is told at the loop's next turn: a client that leaves in between changes nothing. */
static void test_cancel_between_the_end_and_its_telling(void **state)
{
	struct engine_counts n = { 0 };
	struct submission *s;
	bool begun = false;
	struct world w;

	world_make(&w, 1);
	s = submission_make(&w, 1, false);
	submission_submit(s, "s");
	while (!begun || n.begun) {
		assert_true(sd_event_run(w.loop, 0) > 0);
		engine_count(w.engine, &n);
		begun |= n.begun > 0;
	}
	assert_false(s->done);
	engine_cancel(w.engine, s->job);
	world_finish(&w);
	assert_int_equal(s->got.verdict, VERDICT_ACCEPTED);
	submission_drop(s);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tenant_with_many_jobs_takes_one_turn),
		cmocka_unit_test(test_shares_are_equal),
		cmocka_unit_test(test_jobs_of_one_turn_end_in_order),
		cmocka_unit_test(test_a_turn_is_bounded_in_time),
		cmocka_unit_test(test_priorities_within_a_tenant_only),
		cmocka_unit_test(test_boxes_of_a_tenant_are_bounded),
		cmocka_unit_test(test_half_done_jobs_are_bounded),
		cmocka_unit_test(test_half_done_jobs_of_all_priorities_are_bounded),
		cmocka_unit_test(test_what_half_done_jobs_hold_is_bounded),
		cmocka_unit_test(test_not_begun_in_time),
		cmocka_unit_test(test_events_and_clearance),
		cmocka_unit_test(test_cancel_before_clearance),
		cmocka_unit_test(test_cancel_between_the_end_and_its_telling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

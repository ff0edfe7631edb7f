/* SPDX-License-Identifier: Apache-2.0 */
/* The engine moves from one backend to another: who goes along, who stays, how many boxes there are meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "engine_world.h"

/* The world's backend, another one, and what was told of them. */
struct move {
	struct world w;
	struct backend *other;
	struct language languages[1];
	struct language_set set;
	unsigned there, most,
		left; /* boxes begun in the other one; at once in both; on_left's calls */
};

static void note(struct move *m)
{
	unsigned now = fake_running(m->w.backend) + (m->other ? fake_running(m->other) : 0) + 1;

	m->most = now > m->most ? now : m->most;
}

static void script_other(void *user, const struct backend_order *o, struct fake_end *end)
{
	struct move *m = user;

	m->there++;
	note(m);
	end->hold = true;
}

static struct move *of_world;

static void script_first(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	note(of_world);
	end->hold = true;
}

static void on_left(void *user)
{
	struct move *m = user;

	m->left++;
	assert_int_equal(fake_running(m->w.backend), 0);
}

static void make(struct move *m, unsigned lanes)
{
	*m = (struct move){ .languages = { { .name = "c" } } };
	m->set = (struct language_set){ m->languages, 1, NULL };
	world_make(&m->w, lanes);
	m->w.script = script_first;
	of_world = m;
	assert_int_equal(fake_new(m->w.loop, lanes, script_other, m, &m->other), 0);
}

static void move(struct move *m, unsigned cold)
{
	const struct engine_home home = { .backend = m->other, .languages = &m->set, .cold = cold };

	assert_int_equal(engine_switch(m->w.engine, &home, on_left, m), 0);
	world_settle(&m->w);
}

static void end(struct move *m)
{
	engine_free(m->w.engine);
	m->w.backend->ops->free(m->w.backend);
	m->other->ops->free(m->other);
	sd_event_unref(m->w.loop);
}

static void release(struct move *m, struct backend *b)
{
	assert_true(fake_release(b));
	world_settle(&m->w);
}

static struct submission *submit(struct move *m, const char *id, size_t ncases)
{
	struct submission *s = submission_make(&m->w, ncases, false);

	submission_submit(s, id);
	world_settle(&m->w);
	return s;
}

static void test_what_runs_stays_and_what_waits_goes(void **state)
{
	struct submission *first, *second, *third;
	struct move m;

	make(&m, 2);
	first = submit(&m, "first", 3);
	second = submit(&m, "second", 1);
	move(&m, 0);
	third = submit(&m, "third", 1);
	assert_int_equal(fake_running(m.w.backend), 2);
	assert_int_equal(m.there,
			 0); /* the other one's lanes are idle: but there are no more than two */
	release(&m, m.w.backend);
	assert_int_equal(fake_running(m.w.backend), 2); /* its third case, where the others ran */
	release(&m, m.w.backend);
	assert_int_equal(m.there, 1);
	assert_false(first->done);
	assert_int_equal(m.left, 0);
	release(&m, m.w.backend);
	assert_true(first->done);
	assert_int_equal(m.left, 1);
	assert_int_equal(m.there, 2);
	while (fake_release(m.other))
		world_settle(&m.w);
	assert_true(second->done && third->done);
	assert_int_equal(first->got.verdict, VERDICT_ACCEPTED);
	assert_int_equal(second->got.verdict, VERDICT_ACCEPTED);
	assert_int_equal(m.w.norders, 3);
	assert_int_equal(m.most, 2);
	assert_int_equal(m.left, 1);
	submission_drop(first);
	submission_drop(second);
	submission_drop(third);
	end(&m);
}

static void test_an_idle_engine_leaves_at_once(void **state)
{
	struct submission *s;
	struct move m;

	make(&m, 1);
	move(&m, 0);
	assert_int_equal(m.left, 1);
	s = submit(&m, "one", 1);
	assert_int_equal(m.there, 1);
	release(&m, m.other);
	assert_true(s->done);
	submission_drop(s);
	end(&m);
}

/* Everything that was planned for what is not there, in each of the ways in which it may be missing. */
static void test_what_cannot_go_stays(void **state)
{
	for (int way = 0; way < 4; way++) {
		struct submission *runs, *waits;
		struct move m;

		make(&m, 1);
		runs = submit(&m, "runs", 1);
		waits = submission_make(&m.w, 1, false);
		if (way == 0)
			m.languages[0].absent = "gone";
		else if (way == 1)
			m.languages[0].file = TEXT("name: c");
		else if (way == 2)
			m.set.len = 0;
		else
			waits->steps[0].runner = RUNNER_PYTHON;
		submission_submit(waits, "waits");
		world_settle(&m.w);
		move(&m, 1u << RUNNER_PYTHON);
		release(&m, m.w.backend);
		assert_true(runs->done);
		assert_int_equal(m.there, 0);
		assert_int_equal(m.left, 0);
		release(&m, m.w.backend);
		assert_true(waits->done);
		assert_int_equal(waits->got.verdict, VERDICT_ACCEPTED);
		assert_int_equal(m.left, 1);
		submission_drop(runs);
		submission_drop(waits);
		end(&m);
	}
}

static void test_another_number_of_lanes_is_refused(void **state)
{
	struct engine_home home;
	struct backend *wide;
	struct move m;

	make(&m, 1);
	assert_int_equal(fake_new(m.w.loop, 2, script_other, &m, &wide), 0);
	home = (struct engine_home){ .backend = wide, .languages = &m.set };
	assert_int_equal(engine_switch(m.w.engine, &home, on_left, &m), -EINVAL);
	wide->ops->free(wide);
	end(&m);
}

/* ---- how long languages live ---- */

static void on_last(void *user)
{
	++*(unsigned *)user;
}

static void test_languages_live_as_long_as_plans(void **state)
{
	unsigned last = 0;
	struct language_use use = { .holders = 1, .last = on_last, .user = &last };
	const struct language_set set = { NULL, 0, &use }, for_ever = { NULL, 0, NULL };
	struct arena a, b;

	arena_init(&a, 4096);
	arena_init(&b, 4096);
	assert_int_equal(language_hold(&set, &a), 0);
	assert_int_equal(language_hold(&set, &b), 0);
	assert_int_equal(language_hold(&for_ever, &b), 0);
	language_drop(&use);
	arena_done(&a);
	arena_done(&a);
	assert_int_equal(last, 0);
	arena_done(&b);
	assert_int_equal(last, 1);
	arena_init(&a, 8);
	assert_int_equal(language_hold(&set, &a), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_runs_stays_and_what_waits_goes),
		cmocka_unit_test(test_an_idle_engine_leaves_at_once),
		cmocka_unit_test(test_what_cannot_go_stays),
		cmocka_unit_test(test_another_number_of_lanes_is_refused),
		cmocka_unit_test(test_languages_live_as_long_as_plans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

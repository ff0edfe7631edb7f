/* SPDX-License-Identifier: Apache-2.0 */
/* A program and its interactor over a fake backend: lanes for two, who is stopped, and what is said to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/talk.h"
#include "engine_world.h"

/* ---- lanes ---- */

struct talking {
	struct world world;
	struct submission *s;
	struct request_checker interactor;
	struct language language;
	struct plan plan;
	struct plan_step step;
};

static struct submission *talking_add(struct talking *t, size_t ncases)
{
	struct submission *s = submission_make(&t->world, ncases, false);

	s->request.interactor = &t->interactor;
	s->plan.interactor = &t->plan;
	s->plan.wall_cap_ms = limits_cap.wall_ms;
	return s;
}

static void talking_make(struct talking *t, unsigned lanes, size_t ncases)
{
	memset(t, 0, sizeof(*t));
	world_make(&t->world, lanes);
	t->language.name = "interactors";
	t->step = (struct plan_step){ .kind = STEP_RUN, .test = -1, .limits = limits_default };
	t->plan = (struct plan){ .language = &t->language, .steps = &t->step, .nsteps = 1 };
	t->s = talking_add(t, ncases);
}

static void talking_end(struct talking *t)
{
	submission_drop(t->s);
	world_end(&t->world);
}

/* What an interactor is given, and in which order the two of a case are begun. */
static void script_look(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	const struct plan_step *step = o->step;

	assert_true(o->live_stdin_fd >= 0);
	assert_non_null(o->on_output);
	assert_non_null(o->on_eof);
	assert_int_equal(step->stdin_text.len, 0);
	if (step->kind == STEP_RUN) {
		assert_int_equal(step->nfiles, 0);
		return;
	}
	assert_string_equal(o->language, "interactors");
	assert_int_equal(step->nfiles, 2);
	assert_string_equal(step->files[0].name, "input");
	assert_string_equal(step->files[1].name, "answer");
	/* The program's wall limit is always the first of the two. */
	assert_int_equal(step->limits.wall_ms, 2 * limits_default.wall_ms);
	assert_int_equal(fake_running(w->backend) % 2, 0);
}

static void test_the_two_of_a_case_run_at_once(void **state)
{
	struct talking t;

	talking_make(&t, 4, 5);
	t.world.script = script_look;
	submission_submit(t.s, "one");
	world_finish(&t.world);
	assert_int_equal(t.world.norders, 10);
	for (size_t i = 0; i < 10; i += 2) {
		assert_int_equal(t.world.orders[i].kind, STEP_TALK);
		assert_int_equal(t.world.orders[i + 1].kind, STEP_RUN);
		assert_int_equal(t.world.orders[i].test, t.world.orders[i + 1].test);
	}
	assert_int_equal(t.s->got.verdict, VERDICT_ACCEPTED);
	talking_end(&t);
}

/* One that needs two lanes is not overtaken by those that need one, or it might wait for ever. */
static void test_two_lanes_are_waited_for_at_the_head(void **state)
{
	struct submission *before, *after;
	struct talking t;

	talking_make(&t, 2, 1);
	t.world.script = script_hold;
	before = submission_make(&t.world, 1, false);
	after = submission_make(&t.world, 1, false);
	submission_submit(before, "before");
	world_settle(&t.world);
	submission_submit(t.s, "pair");
	submission_submit(after, "after");
	world_settle(&t.world);
	assert_int_equal(t.world.norders, 1); /* a lane is idle, and waits for its fellow */
	while (t.world.pending) {
		fake_release(t.world.backend);
		sd_event_run(t.world.loop, 0);
	}
	assert_string_equal(t.world.orders[1].job, "pair");
	assert_string_equal(t.world.orders[2].job, "pair");
	assert_string_equal(t.world.orders[3].job, "after");
	submission_drop(before);
	submission_drop(after);
	talking_end(&t);
}

/* A lane whose last box does not die comes back: that is no reason to begin with the other one alone. */
static void test_a_lane_that_is_stuck_is_waited_for(void **state)
{
	struct submission *before;
	struct talking t;

	talking_make(&t, 2, 1);
	t.world.script = script_hold;
	before = submission_make(&t.world, 1, false);
	submission_submit(before, "before");
	world_settle(&t.world);
	t.world.backend->stuck = 1; /* what holds it stands for what does not die */
	submission_submit(t.s, "pair");
	world_settle(&t.world);
	assert_int_equal(t.world.norders, 1);
	t.world.backend->stuck = 0;
	while (t.world.pending) {
		fake_release(t.world.backend);
		sd_event_run(t.world.loop, 0);
	}
	assert_int_equal(t.world.norders, 3);
	assert_int_equal(t.s->got.verdict, VERDICT_ACCEPTED);
	submission_drop(before);
	talking_end(&t);
}

static void test_where_lanes_were_lost_it_is_told(void **state)
{
	struct talking t;

	talking_make(&t, 1, 1);
	submission_submit(t.s, "one");
	world_finish(&t.world);
	assert_int_equal(t.s->got.verdict, VERDICT_INTERNAL_ERROR);
	talking_end(&t);
}

static void test_a_tenant_of_two_boxes_has_one_pair(void **state)
{
	struct talking t;

	talking_make(&t, 8, 4);
	t.s->tenant = "a";
	t.s->tenant_boxes = 3;
	t.world.script = script_hold;
	submission_submit(t.s, "one");
	world_settle(&t.world);
	assert_int_equal(t.world.norders, 2);
	while (t.world.pending) {
		fake_release(t.world.backend);
		sd_event_run(t.world.loop, 0);
	}
	talking_end(&t);
}

/* ---- ends ---- */

static void script_reject(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->hold = o->step->kind == STEP_RUN;
	if (o->step->kind == STEP_TALK)
		fake_end_exit(end, 1);
}

static void test_a_rejected_program_is_stopped(void **state)
{
	struct talking t;

	talking_make(&t, 2, 1);
	t.world.script = script_reject;
	submission_submit(t.s, "one");
	world_finish(&t.world);
	assert_int_equal(t.s->got.verdict, VERDICT_WRONG_ANSWER);
	assert_int_equal(t.s->got.kills[0], KILL_DECIDED);
	assert_true(t.s->got.success);
	talking_end(&t);
}

static void script_crash(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->hold = o->step->kind == STEP_TALK;
	if (o->step->kind == STEP_RUN)
		fake_end_exit(end, 3);
}

static void test_after_a_crash_nobody_waits_for_the_interactor(void **state)
{
	struct talking t;

	talking_make(&t, 2, 2);
	t.world.script = script_crash;
	submission_submit(t.s, "one");
	world_finish(&t.world);
	assert_int_equal(t.s->got.cases[0], VERDICT_RUNTIME_ERROR);
	assert_int_equal(t.s->got.cases[1], VERDICT_RUNTIME_ERROR);
	talking_end(&t);
}

static void script_half(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	if (o->step->kind != STEP_TALK)
		return;
	fake_end_exit(end, 7);
	end->err = TEXT("points 0.5 half");
}

static void test_an_interactor_gives_points(void **state)
{
	const size_t group_of[3] = { 0 }; /* the first that there is not */
	struct talking t;

	talking_make(&t, 2, 3);
	t.world.script = script_half;
	t.s->plan.scored = true;
	t.s->plan.group_of = group_of;
	submission_submit(t.s, "one");
	world_finish(&t.world);
	assert_int_equal(t.s->got.verdict, VERDICT_PARTIAL);
	assert_float_equal(t.s->got.points, 1.5, 0);
	talking_end(&t);
}

static struct backend_order crashed;

/* The program has crashed, but its box has not ended. */
static void script_crash_slowly(struct world *w, const struct backend_order *o,
				struct fake_end *end)
{
	end->hold = true;
	fake_end_exit(end, o->step->kind == STEP_RUN ? 3 : 1);
	if (o->step->kind == STEP_RUN)
		crashed = *o;
}

/* Nor is its end known while its files are taken: an interactor that decides only because of it has not decided first. */
static void test_a_crash_that_is_told_late_is_the_programs(void **state)
{
	struct talking t;

	talking_make(&t, 2, 1);
	t.world.script = script_crash_slowly;
	submission_submit(t.s, "one");
	world_settle(&t.world);
	crashed.on_eof(crashed.user);
	assert_true(sd_event_run(t.world.loop, UINT64_MAX) >= 0); /* patience is over */
	assert_true(fake_release(t.world.backend));		  /* the interactor */
	world_finish(&t.world);
	assert_int_equal(t.s->got.verdict, VERDICT_RUNTIME_ERROR);
	talking_end(&t);
}

static void script_spend(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->hold = o->step->kind == STEP_TALK;
	if (end->hold)
		end->facts = (struct facts){ .started = 1, .kill = KILL_TOTAL_WALL };
}

/* Whoever thinks when the submission's time is over is not to blame. */
static void test_a_budget_that_ends_is_not_the_interactors_fault(void **state)
{
	struct talking t;

	talking_make(&t, 2, 1);
	t.world.script = script_spend;
	submission_submit(t.s, "one");
	world_settle(&t.world);
	assert_true(fake_release(t.world.backend));
	world_finish(&t.world);
	assert_int_equal(t.s->got.cases[0], VERDICT_SKIPPED);
	assert_int_not_equal(t.s->got.verdict, VERDICT_INTERNAL_ERROR);
	talking_end(&t);
}

static void script_refuse_program(struct world *w, const struct backend_order *o,
				  struct fake_end *end)
{
	end->hold = o->step->kind == STEP_TALK;
	if (o->step->kind == STEP_RUN)
		end->refuse = -EMFILE;
}

static void script_refuse_interactor(struct world *w, const struct backend_order *o,
				     struct fake_end *end)
{
	end->refuse = -EMFILE;
}

/* A box that cannot be made ends the other, leaves no descriptor behind, and is nobody's fault but ours. */
static void test_a_box_that_cannot_be_made(void **state)
{
	void (*const scripts[])(struct world *, const struct backend_order *,
				struct fake_end *) = { script_refuse_program,
						       script_refuse_interactor };

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		struct talking t;
		int fd;

		talking_make(&t, 2, 1);
		t.world.script = scripts[i];
		world_settle(&t.world);
		fd = next_free_fd();
		submission_submit(t.s, "one");
		world_finish(&t.world);
		assert_int_equal(t.s->got.verdict, VERDICT_INTERNAL_ERROR);
		assert_int_equal(next_free_fd(), fd);
		talking_end(&t);
	}
}

static void test_a_cancelled_pair_ends(void **state)
{
	struct talking t;

	talking_make(&t, 2, 2);
	t.world.script = script_hold;
	submission_submit(t.s, "one");
	world_settle(&t.world);
	engine_cancel(t.world.engine, t.s->job);
	world_finish(&t.world);
	assert_int_equal(t.world.norders, 2);
	assert_int_equal(t.s->got.cases[0], VERDICT_INTERNAL_ERROR);
	assert_int_equal(t.s->got.cases[1], VERDICT_SKIPPED);
	talking_end(&t);
}

static void test_an_engine_that_ends_leaves_nothing(void **state)
{
	struct talking t;

	talking_make(&t, 2, 1);
	t.world.script = script_hold;
	submission_submit(t.s, "one");
	world_settle(&t.world);
	talking_end(&t); /* a sanitizer sees what is left */
}

/* ---- what is said ---- */

struct heard {
	sd_event *loop;
	struct talk talk;
	int ends[TALK_SIDES];
};

static void heard_make(struct heard *h, size_t transcript_bytes)
{
	assert_true(sd_event_new(&h->loop) >= 0);
	assert_int_equal(talk_init(&h->talk, h->loop, transcript_bytes), 0);
	for (size_t i = 0; i < TALK_SIDES; i++)
		h->ends[i] = talk_take_stdin(&h->talk, (enum talk_side)i);
}

static void heard_end(struct heard *h)
{
	talk_done(&h->talk);
	talk_done(&h->talk);
	for (size_t i = 0; i < TALK_SIDES; i++)
		if (h->ends[i] >= 0)
			close(h->ends[i]);
	sd_event_unref(h->loop);
}

static void say(struct heard *h, enum talk_side by, const char *text)
{
	assert_int_equal(talk_said(&h->talk, by, text, strlen(text)), 0);
}

/* More than any pipe holds, in order, and then the end; the loop turns while the reader reads. */
static void test_nothing_is_lost_of_what_a_pipe_has_no_room_for(void **state)
{
	enum { COUNT = 300000 };
	char *all = calloc(1, COUNT * 4 + 7777), text[16];
	struct heard h;
	size_t got = 0;
	ssize_t n;

	assert_non_null(all);
	heard_make(&h, 0);
	for (unsigned i = 0; i < COUNT; i++) {
		uint32_t word = i;

		memcpy(text, &word, 4);
		assert_int_equal(talk_said(&h.talk, TALK_PROGRAM, text, 4), 0);
	}
	talk_over(&h.talk, TALK_INTERACTOR);
	while ((n = read(h.ends[TALK_INTERACTOR], all + got, 7777)) > 0) {
		got += (size_t)n;
		sd_event_run(h.loop, 0);
	}
	assert_int_equal(n, 0);
	assert_int_equal(got, COUNT * 4);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_memory_equal(all + 4 * i, &i, 4);
	free(all);
	heard_end(&h);
}

static void test_who_is_gone_takes_everything(void **state)
{
	static char much[1 << 20];
	struct heard h;

	heard_make(&h, 0);
	assert_int_equal(talk_said(&h.talk, TALK_PROGRAM, much, sizeof(much)), 0);
	close(h.ends[TALK_INTERACTOR]);
	h.ends[TALK_INTERACTOR] = -1;
	while (sd_event_run(h.loop, 0) > 0)
		;
	assert_int_equal(talk_said(&h.talk, TALK_PROGRAM, much, sizeof(much)), 0);
	assert_null(h.talk.into[TALK_INTERACTOR].data);
	heard_end(&h);
}

static void test_the_transcript_has_a_line_for_each_line_and_speaker(void **state)
{
	struct text said;
	struct heard h;

	heard_make(&h, 100);
	say(&h, TALK_PROGRAM, "? 1");
	say(&h, TALK_PROGRAM, " 2\n");
	say(&h, TALK_INTERACTOR, "yes\nand");
	say(&h, TALK_PROGRAM, "\n");
	say(&h, TALK_INTERACTOR, "no\n");
	said = talk_transcript(&h.talk);
	assert_int_equal(said.len, strlen(">? 1 2\n<yes\n<and\n>\n<no\n"));
	assert_memory_equal(said.data, ">? 1 2\n<yes\n<and\n>\n<no\n", said.len);
	heard_end(&h);
}

static void test_a_long_transcript_keeps_its_ends(void **state)
{
	struct text said;
	struct heard h;

	heard_make(&h, 20);
	say(&h, TALK_PROGRAM, "first\n");
	for (int i = 0; i < 1000; i++)
		say(&h, TALK_INTERACTOR, "more\n");
	say(&h, TALK_PROGRAM, "last\n");
	said = talk_transcript(&h.talk);
	assert_true(said.len < 80);
	assert_memory_equal(said.data, ">first\n", 7);
	assert_memory_equal(said.data + said.len - 6, ">last\n", 6);
	heard_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_two_of_a_case_run_at_once),
		cmocka_unit_test(test_two_lanes_are_waited_for_at_the_head),
		cmocka_unit_test(test_a_lane_that_is_stuck_is_waited_for),
		cmocka_unit_test(test_where_lanes_were_lost_it_is_told),
		cmocka_unit_test(test_a_tenant_of_two_boxes_has_one_pair),
		cmocka_unit_test(test_a_rejected_program_is_stopped),
		cmocka_unit_test(test_after_a_crash_nobody_waits_for_the_interactor),
		cmocka_unit_test(test_an_interactor_gives_points),
		cmocka_unit_test(test_a_crash_that_is_told_late_is_the_programs),
		cmocka_unit_test(test_a_budget_that_ends_is_not_the_interactors_fault),
		cmocka_unit_test(test_a_box_that_cannot_be_made),
		cmocka_unit_test(test_a_cancelled_pair_ends),
		cmocka_unit_test(test_an_engine_that_ends_leaves_nothing),
		cmocka_unit_test(test_nothing_is_lost_of_what_a_pipe_has_no_room_for),
		cmocka_unit_test(test_who_is_gone_takes_everything),
		cmocka_unit_test(test_the_transcript_has_a_line_for_each_line_and_speaker),
		cmocka_unit_test(test_a_long_transcript_keeps_its_ends),
	};

	signal(SIGPIPE, SIG_IGN); /* as main() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

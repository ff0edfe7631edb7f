// SPDX-License-Identifier: Apache-2.0
/*
 * The life of jobs over a fake backend: which boxes are begun, when, with what, and what is told in the
 * end.  Each test has a world of its own; scripts answer by the name of the job and the step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/fake.h"
#include "base/cleanup.h"
#include "engine/engine.h"

#define CASES_MAX 40
#define ORDERS_MAX 256
#define EXIT_STATUS(code) ((code) << 8) /* as waitpid(2) has it */

struct world;

/* A submission with everything that it borrows. */
struct submission {
	struct world *world;
	struct request request;
	struct language language;
	struct test_case tests[CASES_MAX];
	struct plan_step steps[CASES_MAX + 1];
	struct plan plan;
	struct arena arena;
	struct job *job;
	bool done;
	size_t ncases;
	struct {
		enum verdict verdict, compile, cases[CASES_MAX];
		bool success, ran[CASES_MAX];
		char id[16], out[64], error[256];
		unsigned kills[CASES_MAX];
	} got; /* copied in on_done: the result dies after it */
	char streamed[64];
};

struct seen_order {
	char job[16];
	int test; /* -1: compile */
	uint64_t wall_cap_ms;
	bool artefact, live_stdin;
	unsigned running; /* boxes that ran when it was begun */
};

struct world {
	sd_event *loop;
	struct backend *backend;
	struct engine *engine;
	void (*script)(struct world *w, const struct backend_order *o, struct fake_end *end);
	struct seen_order orders[ORDERS_MAX];
	size_t norders;
	unsigned pending; /* submissions not done */
	void (*when_done)(struct submission *s);
};

static void run_script(void *user, const struct backend_order *o, struct fake_end *end)
{
	struct world *w = user;
	struct seen_order *seen = &w->orders[w->norders++];
	struct stat st;

	assert_true(w->norders < ORDERS_MAX);
	snprintf(seen->job, sizeof(seen->job), "%s", o->job);
	seen->test = o->step->test;
	seen->wall_cap_ms = o->wall_cap_ms;
	seen->artefact = o->artefact_fd >= 0 && fstat(o->artefact_fd, &st) == 0;
	seen->live_stdin = o->live_stdin_fd >= 0;
	seen->running = fake_running(w->backend);
	if (o->step->kind == STEP_COMPILE)
		end->artefact = true;
	if (w->script)
		w->script(w, o, end);
}

static void world_make(struct world *w, unsigned lanes)
{
	*w = (struct world){ 0 };
	assert_true(sd_event_new(&w->loop) >= 0);
	assert_int_equal(fake_new(w->loop, lanes, run_script, w, &w->backend), 0);
	assert_int_equal(engine_new(w->loop, w->backend, &w->engine), 0);
}

static void world_end(struct world *w)
{
	engine_free(w->engine);
	w->backend->ops->free(w->backend);
	sd_event_unref(w->loop);
}

/* Turns the loop until nothing is left to do, which leaves only held boxes and far timers. */
static void settle(struct world *w)
{
	while (sd_event_run(w->loop, 0) > 0)
		;
}

static void finish(struct world *w)
{
	while (w->pending)
		assert_true(sd_event_run(w->loop, UINT64_MAX) >= 0);
}

static void on_done(void *user, const struct result *r)
{
	struct submission *s = user;

	assert_false(s->done);
	assert_ptr_equal(r->plan, &s->plan);
	assert_int_equal(r->ncases, s->ncases);
	s->done = true;
	s->world->pending--;
	s->got.verdict = r->verdict;
	s->got.success = r->success;
	s->got.compile = r->compiled && r->compile.ran ? r->compile.verdict : VERDICT_SKIPPED;
	snprintf(s->got.id, sizeof(s->got.id), "%s", r->id);
	snprintf(s->got.error, sizeof(s->got.error), "%s", r->error);
	for (size_t i = 0; i < r->ncases; i++) {
		s->got.cases[i] = r->cases[i].verdict;
		s->got.ran[i] = r->cases[i].ran;
		s->got.kills[i] = r->cases[i].outcome.facts.kill;
	}
	if (r->ncases && r->cases[0].outcome.out.len < sizeof(s->got.out))
		memcpy(s->got.out, r->cases[0].outcome.out.data, r->cases[0].outcome.out.len);
	if (s->world->when_done)
		s->world->when_done(s);
}

static void on_output(void *user, int stream, const char *data, size_t len)
{
	struct submission *s = user;
	size_t used = strlen(s->streamed);

	snprintf(s->streamed + used, sizeof(s->streamed) - used, "%d:%.*s;", stream, (int)len, data);
}

/* Tests that expect "" from boxes that print nothing. */
static struct submission *make(struct world *w, size_t ncases, bool compiled)
{
	struct submission *s = calloc(1, sizeof(*s));
	struct plan_step *step = s->steps;

	assert_non_null(s);
	assert_true(ncases <= CASES_MAX);
	s->world = w;
	s->ncases = ncases;
	s->language.name = "c";
	s->request.tests = s->tests;
	s->request.ntests = ncases;
	s->request.compare.mode = COMPARE_EXACT;
	arena_init(&s->arena, 1 << 20);
	if (compiled)
		*step++ = (struct plan_step){ .kind = STEP_COMPILE, .test = -1, .artefact = "a.out",
					      .limits = limits_default };
	for (size_t i = 0; i < ncases; i++) {
		s->tests[i].expected = TEXT("");
		*step++ = (struct plan_step){ .kind = STEP_RUN, .test = (int)i, .limits = limits_default };
	}
	s->plan = (struct plan){ .request = &s->request, .language = &s->language, .steps = s->steps,
				 .nsteps = (size_t)(step - s->steps), .total_wall_ms = 300000 };
	return s;
}

static void submit_with(struct submission *s, const char *id, int live_stdin_fd)
{
	const struct job_events events = { .on_output = on_output, .on_done = on_done };
	size_t before = s->world->norders;
	struct err err = ERR_INIT;

	s->world->pending++;
	assert_int_equal(engine_submit(s->world->engine, &s->plan, &s->arena, id, live_stdin_fd, &events,
				       s, &s->job, &err), 0);
	assert_int_equal(s->world->norders, before);
	assert_false(s->done); /* never from within engine_submit */
}

static void submit(struct submission *s, const char *id)
{
	submit_with(s, id, -1);
}

static void drop(struct submission *s)
{
	arena_done(&s->arena);
	free(s);
}

static void set_exit(struct fake_end *end, int code)
{
	end->facts.wait_status = EXIT_STATUS(code);
}

/* ---- the way through ---- */

static void test_cases_in_order_on_one_lane(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	s = make(&w, 5, false);
	submit(s, "one");
	finish(&w);
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
	drop(s);
	world_end(&w);
}

static void script_hold(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->hold = true;
}

static void test_cases_spread_over_lanes(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 3);
	w.script = script_hold;
	s = make(&w, 5, false);
	submit(s, "one");
	settle(&w);
	assert_int_equal(fake_running(w.backend), 3);
	assert_int_equal(w.norders, 3);
	assert_true(fake_release(w.backend));
	settle(&w);
	assert_int_equal(fake_running(w.backend), 3);
	assert_int_equal(w.norders, 4);
	while (fake_release(w.backend))
		settle(&w);
	assert_true(s->done);
	assert_int_equal(w.norders, 5);
	drop(s);
	world_end(&w);
}

static void script_second_wrong(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	if (o->step->test == 1)
		end->out = TEXT("wrong");
	if (o->step->test == 2)
		set_exit(end, 3);
}

static void test_failures_do_not_stop_others(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_second_wrong;
	s = make(&w, 4, false);
	submit(s, "one");
	finish(&w);
	assert_int_equal(s->got.cases[0], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[1], VERDICT_WRONG_ANSWER);
	assert_int_equal(s->got.cases[2], VERDICT_RUNTIME_ERROR);
	assert_int_equal(s->got.cases[3], VERDICT_ACCEPTED);
	assert_int_equal(s->got.verdict, VERDICT_WRONG_ANSWER);
	assert_false(s->got.success);
	drop(s);
	world_end(&w);
}

static void test_stop_on_failure(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 4);
	w.script = script_second_wrong;
	s = make(&w, 4, false);
	s->request.stop_on_failure = true;
	submit(s, "one");
	finish(&w);
	assert_int_equal(w.norders, 2);
	assert_int_equal(w.orders[1].running, 0); /* one at a time, though lanes are idle */
	assert_int_equal(s->got.cases[0], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[1], VERDICT_WRONG_ANSWER);
	assert_int_equal(s->got.cases[2], VERDICT_SKIPPED);
	assert_int_equal(s->got.cases[3], VERDICT_SKIPPED);
	assert_false(s->got.ran[2]);
	drop(s);
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
	s = make(&w, 1, false);
	s->tests[0].expected = (struct text){ "a\0b", 3 };
	submit(s, "one");
	finish(&w);
	assert_int_equal(s->got.verdict, VERDICT_ACCEPTED);
	assert_memory_equal(s->got.out, "a\0b", 3);
	assert_string_equal(s->streamed, "1:a;2:oops;");
	drop(s);
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
	s = make(&w, 3, false);
	submit(s, "one");
	s->arena.max_bytes = s->arena.used_bytes + 1024;
	finish(&w);
	assert_int_equal(s->got.cases[0], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[1], VERDICT_INTERNAL_ERROR);
	assert_int_equal(s->got.cases[2], VERDICT_ACCEPTED);
	assert_false(s->got.success);
	assert_true(s->got.error[0]);
	drop(s);
	world_end(&w);
}

static void test_no_memory_for_a_job(void **state)
{
	const struct job_events events = { .on_done = on_done };
	struct world w;
	struct submission *s;
	int pipe_fds[2];

	world_make(&w, 1);
	s = make(&w, 3, false);
	s->arena.max_bytes = s->arena.used_bytes;
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	assert_int_equal(engine_submit(w.engine, &s->plan, &s->arena, "one", pipe_fds[0], &events, s,
				       &s->job, NULL), -ENOMEM);
	assert_int_equal(fcntl(pipe_fds[0], F_GETFD), -1); /* taken over all the same */
	close(pipe_fds[1]);
	drop(s);
	world_end(&w);
}

static void test_live_stdin_goes_to_the_run(void **state)
{
	struct world w;
	struct submission *s;
	int pipe_fds[2];

	world_make(&w, 1);
	s = make(&w, 1, true);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	submit_with(s, "one", pipe_fds[0]);
	finish(&w);
	assert_false(w.orders[0].live_stdin);
	assert_true(w.orders[1].live_stdin);
	assert_int_equal(fcntl(pipe_fds[0], F_GETFD), -1);
	close(pipe_fds[1]);
	drop(s);
	world_end(&w);
}

/* ---- compile steps ---- */

static void script_hold_compile(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->hold = o->step->kind == STEP_COMPILE;
}

static int next_free_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static void test_artefact_reaches_every_run(void **state)
{
	int before = next_free_fd();
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_hold_compile;
	s = make(&w, 3, true);
	submit(s, "one");
	settle(&w);
	assert_int_equal(w.norders, 1); /* runs wait for it, idle lane or not */
	assert_int_equal(w.orders[0].test, -1);
	fake_release(w.backend);
	finish(&w);
	assert_int_equal(w.norders, 4);
	for (int i = 1; i < 4; i++)
		assert_true(w.orders[i].artefact);
	assert_int_equal(s->got.compile, VERDICT_ACCEPTED);
	assert_int_equal(s->got.verdict, VERDICT_ACCEPTED);
	drop(s);
	world_end(&w);
	assert_int_equal(next_free_fd(), before); /* closed with the job */
}

static void script_bad_compile(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	if (o->step->kind != STEP_COMPILE)
		return;
	set_exit(end, 1);
	end->artefact = false;
	end->err = TEXT("a.c:1: error");
}

static void test_compile_failure_skips_all(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_bad_compile;
	s = make(&w, 3, true);
	submit(s, "one");
	finish(&w);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.verdict, VERDICT_COMPILE_ERROR);
	assert_int_equal(s->got.compile, VERDICT_COMPILE_ERROR);
	assert_non_null(strstr(s->got.error, "a.c:1: error"));
	for (int i = 0; i < 3; i++)
		assert_int_equal(s->got.cases[i], VERDICT_SKIPPED);
	assert_string_equal(s->streamed, ""); /* a compiler's output is no program's */
	drop(s);
	world_end(&w);
}

static void script_lost_artefact(struct world *w, const struct backend_order *o, struct fake_end *end)
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
	s = make(&w, 2, true);
	submit(s, "one");
	finish(&w);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.verdict, VERDICT_INTERNAL_ERROR);
	drop(s);
	world_end(&w);
}

/* ---- failures of the backend ---- */

static void script_refuse_second(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->refuse = o->step->test == 1 ? -EMFILE : 0;
}

static void test_box_that_cannot_be_made(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_refuse_second;
	s = make(&w, 3, false);
	submit(s, "one");
	finish(&w);
	assert_int_equal(s->got.cases[0], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[1], VERDICT_INTERNAL_ERROR);
	assert_int_equal(s->got.cases[2], VERDICT_ACCEPTED);
	assert_int_equal(s->got.verdict, VERDICT_INTERNAL_ERROR);
	drop(s);
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
	s[0] = make(&w, 40, false);
	s[1] = make(&w, 2, true);
	s[2] = make(&w, 3, false);
	s[2]->request.stop_on_failure = true;
	for (int i = 0; i < 3; i++)
		submit(s[i], "one");
	finish(&w);
	assert_int_equal(w.norders, 40 + 1 + 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(s[i]->got.verdict, VERDICT_INTERNAL_ERROR);
		drop(s[i]);
	}
	world_end(&w);
}

/* ---- several jobs ---- */

static void test_round_robin(void **state)
{
	struct world w;
	struct submission *big, *small;
	size_t last_small = 0;

	world_make(&w, 1);
	big = make(&w, 40, false);
	small = make(&w, 3, false);
	submit(big, "big");
	submit(small, "small");
	finish(&w);
	for (size_t i = 0; i < w.norders; i++)
		if (!strcmp(w.orders[i].job, "small"))
			last_small = i;
	assert_string_equal(w.orders[0].job, "big"); /* first come, first served */
	assert_string_equal(w.orders[1].job, "small");
	assert_int_equal(last_small, 5);
	drop(big);
	drop(small);
	world_end(&w);
}

static struct submission *next_submission;

static void submit_the_next(struct submission *s)
{
	if (!next_submission)
		return;
	submit(TAKE_PTR(next_submission), "next");
}

/* The submitter may take everything that it lent back at once. */
static void test_submit_from_on_done(void **state)
{
	struct world w;
	struct submission *first, *second;

	world_make(&w, 1);
	w.when_done = submit_the_next;
	first = make(&w, 2, false);
	second = next_submission = make(&w, 2, false);
	submit(first, "first");
	finish(&w);
	assert_true(first->done && second->done);
	assert_string_equal(second->got.id, "next");
	drop(first);
	drop(second);
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
	first = make(&w, 1, false);
	second = victim = make(&w, 9, false);
	submit(first, "first");
	submit(second, "second");
	finish(&w);
	assert_int_equal(first->got.verdict, VERDICT_ACCEPTED);
	assert_false(second->got.success);
	assert_int_equal(second->got.cases[8], VERDICT_SKIPPED);
	drop(first);
	drop(second);
	world_end(&w);
}

/* ---- cancelling ---- */

static void test_cancel_while_running(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 2);
	w.script = script_hold;
	s = make(&w, 5, false);
	submit(s, "one");
	settle(&w);
	engine_cancel(w.engine, s->job);
	engine_cancel(w.engine, s->job); /* twice is once */
	assert_false(s->done);
	finish(&w);
	assert_int_equal(w.norders, 2);
	assert_int_equal(s->got.kills[0], KILL_CANCEL);
	assert_int_equal(s->got.cases[0], VERDICT_INTERNAL_ERROR);
	assert_int_equal(s->got.cases[1], VERDICT_INTERNAL_ERROR);
	assert_int_equal(s->got.cases[2], VERDICT_SKIPPED);
	drop(s);
	world_end(&w);
}

static void test_cancel_while_compiling(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_hold_compile;
	s = make(&w, 2, true);
	submit(s, "one");
	settle(&w);
	engine_cancel(w.engine, s->job);
	finish(&w);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.compile, VERDICT_INTERNAL_ERROR);
	drop(s);
	world_end(&w);
}

static void test_cancel_while_waiting(void **state)
{
	struct world w;
	struct submission *busy, *s, *c;

	world_make(&w, 1);
	w.script = script_hold;
	busy = make(&w, 1, false);
	s = make(&w, 2, false);
	c = make(&w, 2, true);
	submit(busy, "busy");
	submit(s, "one");
	submit(c, "two");
	settle(&w);
	engine_cancel(w.engine, s->job);
	engine_cancel(w.engine, c->job);
	assert_false(s->done);
	settle(&w);
	assert_true(s->done && c->done && !busy->done);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.verdict, VERDICT_SKIPPED);
	assert_int_equal(c->got.compile, VERDICT_SKIPPED);
	fake_release(w.backend);
	finish(&w);
	drop(busy);
	drop(s);
	drop(c);
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
	s = make(&w, 3, true);
	waiting = make(&w, 1, false);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	submit(s, "one");
	submit_with(waiting, "two", pipe_fds[0]);
	settle(&w);
	world_end(&w);
	close(pipe_fds[1]);
	assert_false(s->done || waiting->done);
	assert_int_equal(next_free_fd(), before);
	drop(s);
	drop(waiting);
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
	s = make(&w, 5, false);
	s->plan.total_wall_ms = 1200;
	submit(s, "one");
	finish(&w);
	assert_int_equal(w.norders, 3);
	assert_int_equal(w.orders[0].wall_cap_ms, 1200);
	assert_int_equal(w.orders[1].wall_cap_ms, 700);
	assert_int_equal(w.orders[2].wall_cap_ms, 200);
	assert_int_equal(s->got.cases[2], VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[3], VERDICT_SKIPPED);
	assert_int_equal(s->got.cases[4], VERDICT_SKIPPED);
	assert_false(s->got.success);
	drop(s);
	world_end(&w);
}

static void test_budget_counts_the_compiler(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 1);
	w.script = script_half_second;
	s = make(&w, 2, true);
	s->plan.total_wall_ms = 500;
	submit(s, "one");
	finish(&w);
	assert_int_equal(w.norders, 1);
	assert_int_equal(s->got.compile, VERDICT_ACCEPTED);
	assert_int_equal(s->got.cases[0], VERDICT_SKIPPED);
	drop(s);
	world_end(&w);
}

/* Boxes side by side spend it together: none reaches its own cap, the sum stops them. */
static void test_budget_of_boxes_side_by_side(void **state)
{
	struct world w;
	struct submission *s;

	world_make(&w, 3);
	w.script = script_hold;
	s = make(&w, 5, false);
	s->plan.total_wall_ms = 300;
	submit(s, "one");
	finish(&w);
	assert_int_equal(w.norders, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(s->got.kills[i], KILL_TOTAL_WALL);
		assert_int_equal(s->got.cases[i], VERDICT_TIME_LIMIT);
	}
	assert_int_equal(s->got.cases[3], VERDICT_SKIPPED);
	assert_false(s->got.ran[4]);
	drop(s);
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
	s = make(&w, 2, false);
	s->plan.total_wall_ms = 300;
	submit(s, "one");
	finish(&w);
	assert_int_equal(s->got.kills[0], KILL_TOTAL_WALL);
	assert_int_equal(s->got.cases[1], VERDICT_ACCEPTED);
	drop(s);
	world_end(&w);
}

/* Waiting for a lane is not charged: the first box of a late job gets the whole budget. */
static void test_waiting_is_free(void **state)
{
	struct world w;
	struct submission *first, *second;

	world_make(&w, 1);
	w.script = script_half_second;
	first = make(&w, 1, false);
	second = make(&w, 1, false);
	first->plan.total_wall_ms = second->plan.total_wall_ms = 600;
	submit(first, "first");
	submit(second, "second");
	finish(&w);
	assert_int_equal(w.orders[1].wall_cap_ms, 600);
	assert_int_equal(second->got.verdict, VERDICT_ACCEPTED);
	drop(first);
	drop(second);
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

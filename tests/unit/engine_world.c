/* SPDX-License-Identifier: Apache-2.0 */
/* See engine_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_STATUS(code) ((code) << 8) /* as waitpid(2) has it */

static void run_script(void *user, const struct backend_order *o, struct fake_end *end)
{
	struct world *w = user;
	struct seen_order *seen = &w->orders[w->norders++];
	struct stat st;

	assert_true(w->norders < ORDERS_MAX);
	snprintf(seen->job, sizeof(seen->job), "%s", o->job);
	seen->kind = o->step->kind;
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

void world_make(struct world *w, unsigned lanes)
{
	*w = (struct world){ 0 };
	assert_true(sd_event_new(&w->loop) >= 0);
	assert_int_equal(fake_new(w->loop, lanes, run_script, w, &w->backend), 0);
	assert_int_equal(engine_new(w->loop, w->backend, &w->engine), 0);
}

void world_end(struct world *w)
{
	engine_free(w->engine);
	w->backend->ops->free(w->backend);
	sd_event_unref(w->loop);
}

void world_settle(struct world *w)
{
	while (sd_event_run(w->loop, 0) > 0)
		;
}

void world_finish(struct world *w)
{
	while (w->pending)
		assert_true(sd_event_run(w->loop, UINT64_MAX) >= 0);
}

void submission_on_done(void *user, const struct result *r)
{
	struct submission *s = user;

	assert_false(s->done);
	assert_ptr_equal(r->plan, &s->plan);
	assert_int_equal(r->ncases, s->ncases);
	s->done = true;
	s->world->pending--;
	s->got.verdict = r->verdict;
	s->got.success = r->success;
	s->got.points = r->points;
	s->got.cached = r->compile_cached;
	if (r->compiled && r->compile.outcome.err.len < sizeof(s->got.compiler_said))
		memcpy(s->got.compiler_said, r->compile.outcome.err.data,
		       r->compile.outcome.err.len);
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

static void on_output(void *user, int test, int stream, const char *data, size_t len)
{
	struct submission *s = user;
	size_t used = strlen(s->streamed);

	snprintf(s->streamed + used, sizeof(s->streamed) - used, "%d:%.*s;", stream, (int)len,
		 data);
}

struct submission *submission_make(struct world *w, size_t ncases, bool compiled)
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
		*step++ = (struct plan_step){ .kind = STEP_COMPILE,
					      .test = -1,
					      .artefact = "a.out",
					      .limits = limits_default };
	for (size_t i = 0; i < ncases; i++) {
		s->tests[i].expected = TEXT("");
		*step++ = (struct plan_step){ .kind = STEP_RUN,
					      .test = (int)i,
					      .limits = limits_default };
	}
	s->plan = (struct plan){ .request = &s->request,
				 .language = &s->language,
				 .steps = s->steps,
				 .nsteps = (size_t)(step - s->steps),
				 .total_wall_ms = 300000 };
	return s;
}

void submission_submit_with(struct submission *s, const char *id, int live_stdin_fd)
{
	const struct job_events events = { .on_output = on_output,
					   .on_case = s->on_case,
					   .on_begin = s->on_begin,
					   .on_next = s->on_next,
					   .on_done = submission_on_done };
	const struct engine_order order = { .plan = &s->plan,
					    .arena = &s->arena,
					    .id = id,
					    .live_stdin_fd = live_stdin_fd,
					    .tenant = s->tenant,
					    .tenant_boxes = s->tenant_boxes,
					    .priority = s->priority,
					    .begin_ms = s->begin_ms,
					    .events = &events,
					    .user = s };
	size_t before = s->world->norders;
	struct err err = ERR_INIT;

	s->world->pending++;
	assert_int_equal(engine_submit(s->world->engine, &order, &s->job, &err), 0);
	assert_int_equal(s->world->norders, before);
	assert_false(s->done); /* never from within engine_submit */
}

void submission_submit(struct submission *s, const char *id)
{
	submission_submit_with(s, id, -1);
}

void submission_drop(struct submission *s)
{
	arena_done(&s->arena);
	free(s);
}

void fake_end_exit(struct fake_end *end, int code)
{
	end->facts.wait_status = EXIT_STATUS(code);
}

void script_hold(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->hold = true;
}

void script_hold_compile(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	end->hold = o->step->kind == STEP_COMPILE;
}

int next_free_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See desk_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "desk_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static const char *const plain_run[] = { "/bin/run", NULL };
static const char *const plain_compile[] = { "/bin/compile", NULL };
static const char *const no_words[] = { NULL };
static const struct language languages[] = {
	{ .name = "plain",
	  .title = "Plain",
	  .extensions = no_words,
	  .source = "main.txt",
	  .run_argv = plain_run },
	{ .name = "made",
	  .title = "Made",
	  .extensions = no_words,
	  .source = "main.made",
	  .compile_argv = plain_compile,
	  .artefact = "a.out",
	  .run_argv = plain_run },
};
static const struct language_set language_set = { languages, 2 };

static bool is(struct text code, const char *word)
{
	return code.len >= strlen(word) && memcmp(code.data, word, strlen(word)) == 0;
}

static void script(void *user, const struct backend_order *o, struct fake_end *end)
{
	struct desk_world *w = user;
	struct text code = o->step->nfiles ? o->step->files[0].content : TEXT("run");

	if (w->orders + 1 < sizeof(w->order_log) && code.len)
		w->order_log[w->orders] = code.data[0];
	w->orders++;
	if (o->step->kind == STEP_COMPILE)
		end->artefact = true;
	if (is(code, "hold"))
		end->hold = true;
	else if (is(code, "print"))
		end->out = TEXT("\xc3\xa4 printed");
	else if (is(code, "exit1"))
		end->facts.wait_status = 1 << 8;
	else if (is(code, "broken"))
		end->facts.kill = KILL_BROKEN;
}

void desk_world_make(struct desk_world *w, unsigned lanes, const char *journal_path)
{
	const struct desk_config given = w->config;
	struct err err = ERR_INIT;

	*w = (struct desk_world){ .planner = { &language_set, limits_default, limits_cap, ~0u } };
	assert_true(sd_event_new(&w->loop) >= 0);
	assert_int_equal(fake_new(w->loop, lanes, script, w, &w->backend), 0);
	assert_int_equal(engine_new(w->loop, w->backend, &w->engine), 0);
	if (journal_path) {
		const struct journal_config jc = { .loop = w->loop,
						   .path = journal_path,
						   .keep_sec = 3600,
						   .keep_bytes = 64 << 20 };

		if (journal_open(&jc, &w->journal, &err) < 0)
			fail_msg("%s", err.text);
	}
	w->config = (struct desk_config){
		.loop = w->loop,
		.engine = w->engine,
		.planner = &w->planner,
		.journal = w->journal,
		.queue_max = given.queue_max ? given.queue_max : 1000,
		.queue_bytes = given.queue_bytes ? given.queue_bytes : 1 << 20,
		.body_bytes_max = given.body_bytes_max ? given.body_bytes_max : 1 << 16,
		.history_bytes = given.history_bytes ? given.history_bytes : 1 << 16,
		.kept_bytes = given.kept_bytes ? given.kept_bytes : 1 << 20,
		.keep_sec = given.keep_sec ? given.keep_sec : 3600,
		.job_bytes = given.job_bytes,
	};
	assert_int_equal(desk_local_new(&w->config, &w->desk, &err), 0);
}

void desk_world_end(struct desk_world *w)
{
	engine_free(w->engine);
	desk_free(w->desk);
	journal_close(w->journal);
	w->backend->ops->free(w->backend);
	sd_event_unref(w->loop);
}

void desk_world_settle(struct desk_world *w)
{
	while (sd_event_run(w->loop, 0) > 0)
		;
}

void desk_world_wait(struct desk_world *w, const bool *flag)
{
	uint64_t until = clock_now_nsec() + 10 * NSEC_PER_SEC;

	while (!*flag) {
		if (clock_now_nsec() > until)
			fail_msg("waited in vain");
		assert_true(sd_event_run(w->loop, 100000) >= 0);
	}
}

/* ---- clients ---- */

static void on_event(void *user, const struct desk_event *event)
{
	struct client *c = user;
	size_t used = strlen(c->told);

	assert_false(c->over); /* nothing after the result */
	assert_true(event->seq > c->last_seq || event->kind == DESK_EV_RESULT);
	assert_int_equal(strlen(event->json), event->len);
	c->events++;
	c->last_seq = event->seq;
	snprintf(c->told + used, sizeof(c->told) - used, "%s ", desk_event_names[event->kind]);
	snprintf(c->last_json, sizeof(c->last_json), "%s", event->json);
	c->over = event->kind == DESK_EV_RESULT;
}

void client_watch(struct client *c, struct desk_job *j, uint64_t after_seq)
{
	c->told[0] = '\0';
	c->over = false;
	c->last_seq = after_seq;
	c->watch = desk_watch(j, after_seq, on_event, c);
	assert_non_null(c->watch);
	assert_string_equal(c->told, ""); /* never from within the call */
}

static void on_answer(void *user, const struct desk_answer *answer)
{
	struct client *c = user;

	assert_false(c->answered);
	c->answered = true;
	c->kind = answer->kind;
	c->answer = *answer;
	if (!answer->job)
		return;
	snprintf(c->id, sizeof(c->id), "%s", desk_job_id(answer->job));
	if (c->watches)
		client_watch(c, answer->job, 0);
}

void client_make(struct client *c, struct desk_world *w, const char *code, unsigned ncases)
{
	static const char one[] = "{\"input\":\"\",\"expected\":\"\"}";
	char *body = malloc(256 + strlen(code) + ncases * (sizeof(one) + 1));
	size_t len;

	assert_non_null(body);
	len = (size_t)sprintf(body, "{\"code\":\"%s\",\"language\":\"plain\",\"test_cases\":[",
			      code);
	for (unsigned i = 0; i < ncases; i++)
		len += (size_t)sprintf(body + len, "%s%s", i ? "," : "", one);
	len += (size_t)sprintf(body + len, "]}");
	*c = (struct client){ .world = w,
			      .watches = true,
			      .tenant = { .name = "" },
			      .ask = { .body = body, .len = len, .tell_output = true } };
}

void client_submit(struct client *c)
{
	struct err err = ERR_INIT;

	c->ask.tenant = &c->tenant;
	c->answered = false;
	assert_int_equal(desk_submit(c->world->desk, &c->ask, on_answer, c, &err), 0);
	assert_false(c->answered); /* never from within the call */
}

void client_check_verdict(const struct client *c, const char *verdict)
{
	char text[64];

	assert_true(c->over);
	snprintf(text, sizeof(text), "\"verdict\":\"%s\"", verdict);
	/* Each case has one as well: that of the whole comes after them. */
	const char *cases_end = strstr(c->last_json, "],\"verdict\"");
	if (!cases_end || strncmp(cases_end + 2, text, strlen(text)) != 0)
		fail_msg("not %s: %s", verdict, c->last_json);
}

struct desk_job *client_job(const struct client *c)
{
	return desk_local_find(c->world->desk, c->tenant.name, c->id);
}

void client_done(struct client *c)
{
	free((void *)(uintptr_t)c->ask.body);
}

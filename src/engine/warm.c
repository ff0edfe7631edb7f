/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See warm.h.  A self-test that fails is told as whoever wrote it sees it: what came, and what should have.  Both
 * are quoted: a line of the log, and of doctor, stays a line.
 */
#include "engine/warm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "model/verdict.h"

#define SELFTEST_ARENA_BYTES (64u << 20)
#define QUOTE_BYTES 112 /* of what a self-test said */

/* A start takes a fraction of a second; a machine under full load gets a hundred times as long. */
#define START_MAX_USEC (30ull * 1000 * 1000)

struct selftest_run {
	const struct language_selftest *test;
	bool done, cold;
	char why[288]; /* "" when it is as it should be */
};

struct quoted {
	char text[QUOTE_BYTES];
};

static struct quoted quote(const char *data, size_t len)
{
	struct quoted q = { "" };
	size_t n = 0;

	for (size_t i = 0; i < len && n + 8 < sizeof(q.text); i++) {
		unsigned char c = (unsigned char)data[i];

		if (c == '\n')
			n += (size_t)snprintf(q.text + n, sizeof(q.text) - n, "\\n");
		else if (c < ' ' || c > '~')
			n += (size_t)snprintf(q.text + n, sizeof(q.text) - n, "\\x%02x", c);
		else
			q.text[n++] = (char)c;
		if (n + 8 >= sizeof(q.text) && i + 1 < len)
			strcpy(q.text + n, "...");
	}
	return q;
}

/* Where a runtime tells what went wrong. */
static struct quoted last_line(struct text t)
{
	size_t begin;

	while (t.len && t.data[t.len - 1] == '\n')
		t.len--;
	for (begin = t.len; begin && t.data[begin - 1] != '\n'; begin--)
		;
	return quote(t.data + begin, t.len - begin);
}

static void on_done(void *user, const struct result *result)
{
	struct selftest_run *run = user;
	const struct case_result *c = &result->cases[0];
	const struct language_selftest *test = run->test;
	const struct text *out = &c->outcome.out;
	int code;

	run->done = true;
	if (c->verdict == VERDICT_INTERNAL_ERROR)
		snprintf(run->why, sizeof(run->why), "it could not be run: %s",
			 quote(c->error, strlen(c->error)).text);
	else if (c->outcome.facts.runner == START_COLD && !run->cold)
		snprintf(run->why, sizeof(run->why), "it was started cold");
	else if (!facts_exit_code(&c->outcome.facts, &code))
		snprintf(run->why, sizeof(run->why), "it had to end with exit code %u: %s",
			 test->exit_code, quote(c->error, strlen(c->error)).text);
	else if (code != (int)test->exit_code)
		snprintf(run->why, sizeof(run->why), "exit code %d, not %u; stderr ends \"%s\"",
			 code, test->exit_code, last_line(c->outcome.err).text);
	else if (out->len != strlen(test->expected) || memcmp(out->data, test->expected, out->len))
		snprintf(run->why, sizeof(run->why), "it printed \"%s\", not \"%s\"",
			 quote(out->data, out->len).text,
			 quote(test->expected, strlen(test->expected)).text);
}

static int run_selftest(sd_event *loop, struct engine *engine, const struct planner_config *planner,
			const struct language *language, struct selftest_run *run, struct err *err)
{
	const struct job_events events = { .on_done = on_done };
	struct request request = { .code = { run->test->code, strlen(run->test->code) },
				   .language = language_id(language),
				   .stdin_text = TEXT("") };
	struct refusal refusal = { 0 };
	struct arena arena;
	struct plan plan;
	struct job *job;
	int r;

	if (run->test->input)
		request.stdin_text = (struct text){ run->test->input, strlen(run->test->input) };
	arena_init(&arena, SELFTEST_ARENA_BYTES);
	r = planner_plan(planner, &request, &arena, &plan, &refusal);
	if (r > 0)
		r = err_set(err, EINVAL, "%s: %s", refusal.field, refusal.rule);
	if (r == 0)
		r = engine_submit(engine,
				  &(struct engine_order){ .plan = &plan,
							  .arena = &arena,
							  .id = "selftest",
							  .live_stdin_fd = -1,
							  .uncounted = true,
							  .events = &events,
							  .user = run },
				  &job, err);
	while (r >= 0 && !run->done)
		r = sd_event_run(loop, UINT64_MAX);
	arena_done(&arena);
	return r < 0 ? r : 0;
}

static int run_selftests(sd_event *loop, struct engine *engine,
			 const struct planner_config *planner, const struct language *language,
			 struct warm_report *ret, struct err *err)
{
	struct planner_config warm = *planner;

	warm.cold = 0;
	for (unsigned i = 0; i < language->nselftests; i++) {
		struct selftest_run run = { .test = &language->selftests[i] };
		int r = run_selftest(loop, engine, &warm, language, &run, err);

		if (r < 0)
			return r;
		if (!*run.why)
			continue;
		ret->state = WARM_COLD;
		ret->selftest = i + 1;
		snprintf(ret->text, sizeof(ret->text), "self-test %u: %s", i + 1, run.why);
		return 0;
	}
	return 0;
}

int warm_greet(sd_event *loop, struct engine *engine, const struct planner_config *planner,
	       const struct language *language, struct warm_report *ret, struct err *err)
{
	const struct language_selftest hello = { .code = language->selftest
								 ? language->selftest->hello
								 : NULL,
						 .expected = "Hello, world!\n" };
	struct selftest_run run = { .test = &hello, .cold = true };
	struct planner_config cold = *planner;
	int r;

	*ret = (struct warm_report){ .state = WARM_OK };
	if (!hello.code)
		return 0;
	cold.cold = ~0u;
	r = run_selftest(loop, engine, &cold, language, &run, err);
	if (!*run.why)
		return r;
	ret->state = WARM_COLD;
	snprintf(ret->text, sizeof(ret->text), "%s", run.why);
	return r;
}

static int on_late(sd_event_source *s, uint64_t usec, void *user)
{
	*(bool *)user = true;
	return 0;
}

/* 0: each lane's zygote serves, or one does not, or the time is over, which is told by *ret_late. */
static int await_zygotes(sd_event *loop, const struct backend_runner *k, bool *ret_late)
{
	sd_event_source *timer = NULL;
	int r = sd_event_add_time_relative(loop, &timer, CLOCK_MONOTONIC, START_MAX_USEC, 0,
					   on_late, ret_late);

	while (r >= 0 && !*ret_late && !k->error && k->ready < k->asked)
		r = sd_event_run(loop, UINT64_MAX);
	sd_event_source_disable_unref(timer);
	return r < 0 ? r : 0;
}

/* What a zygote says of itself may have come from anywhere: quoted. */
static void tell_zygotes(const struct backend_runner *k, bool late, struct warm_report *ret)
{
	struct quoted said = quote(k->text, strlen(k->text));

	ret->state = WARM_COLD;
	if (k->error == -ENOENT) {
		ret->state = WARM_MISSING;
		snprintf(ret->text, sizeof(ret->text), "%s", said.text);
	} else if (k->error == -EPIPE) {
		snprintf(ret->text, sizeof(ret->text), "its zygote ended before it could serve");
	} else if (k->error) {
		snprintf(ret->text, sizeof(ret->text), "its zygote cannot serve: %s", said.text);
	} else if (late) {
		snprintf(ret->text, sizeof(ret->text), "its zygote was not ready in %llu s",
			 START_MAX_USEC / 1000000);
	} else if (k->ready == 0) {
		snprintf(ret->text, sizeof(ret->text), "no zygote could be started");
	} else {
		ret->state = WARM_OK;
		snprintf(ret->text, sizeof(ret->text), "%s", said.text);
	}
}

int warm_try(sd_event *loop, struct engine *engine, struct backend *backend,
	     const struct planner_config *planner, const struct language *language, bool ahead,
	     struct warm_report *ret, struct err *err)
{
	const struct backend_runner *k = &backend->runners[language->runner];
	bool late = false;
	int r;

	*ret = (struct warm_report){ .state = WARM_MISSING };
	if (!backend->ops->warm) {
		snprintf(ret->text, sizeof(ret->text), "%s boxes have no warm runners",
			 backend->ops->name);
		return 0;
	}
	if (k->asked == 0)
		backend->ops->warm(backend, language->runner, ahead);
	r = await_zygotes(loop, k, &late);
	if (r < 0)
		return err_set(err, r, "wait for the %s runner", runner_names[language->runner]);
	tell_zygotes(k, late, ret);
	if (ret->state != WARM_OK)
		return 0;
	return run_selftests(loop, engine, planner, language, ret, err);
}

int warm_prove(sd_event *loop, struct engine *engine, struct backend *backend,
	       const struct planner_config *planner, const struct language *language, bool ahead,
	       struct err *err)
{
	struct warm_report report;
	int r;

	if (language->runner == RUNNER_EXEC) {
		err_set(err, 0,
			"%s has no warm runner: each of its programs is a new process; --runner auto "
			"runs it",
			language->name);
		return -ENOTSUP;
	}
	r = warm_try(loop, engine, backend, planner, language, ahead, &report, err);
	if (r < 0 || report.state == WARM_OK)
		return r;
	err_set(err, 0,
		"no warm %s here: %s; kodewar doctor tells how to get it, and --runner auto runs it cold",
		language->name, report.text);
	return -ENOTSUP;
}

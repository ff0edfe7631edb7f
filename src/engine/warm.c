/* SPDX-License-Identifier: Apache-2.0 */
/* See warm.h. */
#include "engine/warm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/verdict.h"

#define SELFTEST_ARENA_BYTES (64u << 20)

struct selftest_run {
	const struct language_selftest *test;
	bool done;
	char why[ERR_TEXT_BYTES / 2]; /* "" when it is as it should be */
};

static const char *start_name(uint8_t start)
{
	return start < STARTS ? runner_start_names[start] : "?";
}

static void on_done(void *user, const struct result *result)
{
	struct selftest_run *run = user;
	const struct case_result *c = &result->cases[0];
	const struct facts *f = &c->outcome.facts;
	bool exited = f->ended && (f->wait_status & 0x7f) == 0;
	uint32_t code = exited ? f->wait_status >> 8 & 0xff : UINT32_MAX;

	run->done = true;
	if (f->runner == START_COLD)
		snprintf(run->why, sizeof(run->why), "it was started %s", start_name(f->runner));
	else if (code != run->test->exit_code)
		snprintf(run->why, sizeof(run->why), "exit code %u, not %u: %.100s", code,
			 run->test->exit_code, c->error ? c->error : "");
	else if (c->outcome.out.len != strlen(run->test->expected) ||
		 memcmp(c->outcome.out.data, run->test->expected, c->outcome.out.len))
		snprintf(run->why, sizeof(run->why), "it printed %.*s",
			 (int)(c->outcome.out.len < 100 ? c->outcome.out.len : 100),
			 c->outcome.out.data);
}

static int run_selftest(sd_event *loop, struct engine *engine, const struct planner_config *planner,
			const struct language *language, struct selftest_run *run, struct err *err)
{
	const struct job_events events = { .on_done = on_done };
	struct request request = { .code = { run->test->code, strlen(run->test->code) },
				   .language = language->name,
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
		r = engine_submit(engine, &plan, &arena, "selftest", -1, &events, run, &job, err);
	while (r >= 0 && !run->done)
		r = sd_event_run(loop, UINT64_MAX);
	arena_done(&arena);
	return r < 0 ? r : 0;
}

static int await_zygotes(sd_event *loop, struct backend *b, const struct language *language,
			 bool ahead, struct err *err)
{
	const struct backend_runner *k = &b->runners[language->runner];
	int r = 0;

	if (!b->ops->warm)
		return err_set(err, ENOTSUP, "%s boxes have no warm runners", b->ops->name);
	if (k->asked == 0)
		b->ops->warm(b, language->runner, ahead);
	while (r >= 0 && !k->error && k->ready < k->asked)
		r = sd_event_run(loop, UINT64_MAX);
	if (r < 0)
		return err_set(err, r, "wait for the %s runner", runner_names[language->runner]);
	if (k->error || k->ready == 0) {
		err_set(err, 0, "no warm %s here: %s", language->name,
			*k->text ? k->text : "no zygote could be started");
		return -ENOTSUP;
	}
	return 0;
}

int warm_prove(sd_event *loop, struct engine *engine, struct backend *backend,
	       const struct planner_config *planner, const struct language *language, bool ahead,
	       struct err *err)
{
	struct planner_config warm = *planner;
	int r;

	if (language->runner == RUNNER_EXEC) {
		err_set(err, 0, "no warm %s: its runner is exec", language->name);
		return -ENOTSUP;
	}
	r = await_zygotes(loop, backend, language, ahead, err);
	warm.cold = 0;
	for (size_t i = 0; r == 0 && i < language->nselftests; i++) {
		struct selftest_run run = { .test = &language->selftests[i] };

		r = run_selftest(loop, engine, &warm, language, &run, err);
		if (r == 0 && *run.why) {
			err_set(err, 0, "no warm %s here: self-test %zu: %s", language->name, i + 1,
				run.why);
			r = -ENOTSUP;
		}
	}
	return r;
}

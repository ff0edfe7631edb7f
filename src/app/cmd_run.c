/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One submission, judged in native boxes.  The order is that of service.h: our own files, the warden,
 * the caller's files opened, privileges dropped, and only then the request read.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/service.h"
#include "base/cleanup.h"
#include "gate/cli/cli_audit.h"
#include "gate/cli/cli_job.h"
#include "gate/cli/cli_request.h"
#include "gate/desk/job_id.h"

/* Request, plan, and the outputs of all cases: 1,000 of 1 MiB each, on both streams. */
#define WARM_TESTS 8
#define JOB_ARENA_BYTES (4ull << 30)

static const struct option_info options[] = {
	SETTING_TESTS,	 SETTING_LANGUAGE,	  SETTING_STDIN_FILE,  SETTING_ARG,
	SETTING_ENV,	 SETTING_LIMIT,		  SETTING_COMPARE,     SETTING_STOP,
	SETTING_REPEAT,	 SETTING_OUTPUT_ENCODING, SETTING_JSON,	       SETTING_QUIET,
	SETTING_LANES,	 SETTING_MAX_BODY,	  SETTING_LOG_DIR,     SETTING_LANGUAGES_DIR,
	SETTING_PROFILE, SETTING_RUNNER,	  SETTINGS_OF_BACKEND, SETTINGS_OF_TREE,
	SETTING_HELP,
};

struct run {
	const struct settings *settings;
	const struct option_words *words;
	enum cli_mode mode;
	char id[JOB_ID_BYTES];
	struct service service;
	struct cli_inputs in;
	struct arena arena; /* request, plan, result */
	struct cli_job *job;
};

static int start(struct run *x, struct err *err)
{
	const struct settings *s = x->settings;
	/* A single box needs a single lane; how many cases a body has is not known yet. */
	unsigned lanes = s->lanes ? (unsigned)s->lanes : x->mode != CLI_BODY && !s->tests ? 1 : 0;
	int r = job_id_make(x->id);

	if (r < 0)
		return err_set(err, r, "get random bytes");
	r = service_load(&x->service, s, err);
	if (r < 0)
		return r;
	return service_start(&x->service, lanes, err);
}

/* A zygote costs about as much as a few cold starts. */
static int warm_up(struct run *x, const struct request *request, struct err *err)
{
	const char *names[] = { request->language,
				request->checker ? request->checker->language : NULL,
				request->interactor ? request->interactor->language : NULL };
	const enum runner_mode mode = x->settings->runner;
	int r = 0;

	engine_set_pool(x->service.engine, mode == RUNNER_MODE_POOLED);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++) {
		const struct language *l =
			names[i] ? language_find(&x->service.languages, names[i]) : NULL;

		/* Warm at any price is asked of the program's own runner; a checker is warm where it can be. */
		if (l)
			r = service_warm(&x->service,
					 i && mode != RUNNER_MODE_COLD ? RUNNER_MODE_AUTO : mode, l,
					 request->ntests >= WARM_TESTS, err);
	}
	return r;
}

/* 0, 1 (refused) or a negative errno. */
static int make_plan(struct run *x, struct request *request, struct plan *plan,
		     struct refusal *refusal, struct err *err)
{
	struct service *service = &x->service;
	int r = cli_request_read(&x->in, x->settings, x->words, &service->languages, &x->arena,
				 request, refusal);

	if (r == 0 && !request->fresh)
		r = warm_up(x, request, err);
	if (r == 0)
		r = planner_plan(&service->planner, request, &x->arena, plan, refusal);
	if (r == 0)
		r = service_docker_check(service, plan, refusal);
	if (r > 0)
		cli_audit_refusal(x->id, refusal);
	if (r < 0 && !*err->text)
		err_set(err, r, "read the request");
	return r;
}

static int judge(struct run *x, const struct plan *plan, struct err *err)
{
	struct cli_job_config config = {
		.loop = x->service.loop,
		.engine = x->service.engine,
		.plan = plan,
		.arena = &x->arena,
		.id = x->id,
		.mode = x->mode,
		.quiet = x->settings->quiet,
		.stdin_fd = x->in.stdin_fd >= 0 ? x->in.stdin_fd : STDIN_FILENO,
	};

	x->job = cli_job_new(&config);
	return x->job ? cli_job_run(x->job, err) : err_set(err, ENOMEM, "make the job");
}

/* An exit code, or a negative errno with its story. */
static int run_one(struct run *x, struct err *err)
{
	bool json = x->mode != CLI_TEXT;
	struct refusal refusal = { 0 };
	struct request request;
	struct plan plan;
	int r = start(x, err);

	if (r < 0)
		return r;
	if (cli_inputs_open(&x->in, x->settings, x->words->words[0], &refusal) > 0)
		return answer_refusal("run", json, &refusal);
	r = service_enter(&x->service, err);
	if (r < 0)
		return r;
	r = make_plan(x, &request, &plan, &refusal, err);
	if (r < 0)
		return r;
	if (r > 0)
		return answer_refusal("run", json, &refusal);
	plan.live_stdin = x->mode != CLI_BODY && request.ntests == 0;
	r = judge(x, &plan, err);
	service_done(
		&x->service); /* while plan and request, which the engine knows, are still here */
	cli_job_free(x->job);
	return r;
}

static int run(const struct settings *s, const struct option_words *words)
{
	const char *problem = cli_request_check_usage(s, words);
	struct err err = ERR_INIT;
	struct run x = {
		.settings = s, .words = words, .service = SERVICE_INIT, .in = CLI_INPUTS_INIT
	};
	int r;

	if (problem)
		return command_usage_error("run", "%s", problem);
	x.mode = !strcmp(words->words[0], "-") ? CLI_BODY : s->json ? CLI_JSON : CLI_TEXT;
	arena_init(&x.arena, JOB_ARENA_BYTES);
	r = run_one(&x, &err);
	if (r < 0 && !*err.text)
		err_set(&err, r, "run the job");
	if (r < 0)
		r = answer_failure("run", x.mode != CLI_TEXT, x.id, &err);
	service_done(&x.service);
	cli_inputs_done(&x.in);
	arena_done(&x.arena);
	return r;
}

const struct command command_run = {
	.name = "run",
	.synopsis = (const char *const[]){ "[OPTION...] FILE [-- ARG...]",
					   "[OPTION...] --tests TESTS FILE [-- ARG...]",
					   "[OPTION...] -", NULL },
	.summary = "Run one submission in a box and judge it",
	.details =
		"FILE is a source. Without test cases our stdin is the program's, its output is ours, and "
		"one line with the verdict follows on stderr. With --tests a table is printed on stdout, "
		"one line for each case.\n\n"
		"- is the contract for machines: a request's JSON on stdin, one result's JSON on stdout.",
	.needs_root = true,
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = run,
};

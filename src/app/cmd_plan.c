/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `run` would do, printed and not done.  Needs no privilege, so a root that calls it loses its own
 * before the request is read.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/privilege.h"
#include "app/service.h"
#include "base/cleanup.h"
#include "codec/plan_text.h"
#include "gate/cli/cli_request.h"

#define PLAN_ARENA_BYTES (1ull << 30)

static const struct option_info options[] = {
	SETTING_EXPLAIN,
	SETTING_JSON,
	SETTING_TESTS,
	SETTING_LANGUAGE,
	SETTING_ARG,
	SETTING_ENV,
	SETTING_LIMIT,
	SETTING_COMPARE,
	SETTING_STOP,
	SETTING_REPEAT,
	SETTING_OUTPUT_ENCODING,
	SETTING_MAX_BODY,
	SETTING_LANGUAGES_DIR,
	SETTING_RUNNER,
	SETTING_HELP,
};

static int print_plan(const struct settings *s, const struct plan *plan)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = s->json ? plan_json_encode(plan, &text, &len)
			: plan_text_explain(plan, &text, &len);

	return r < 0 ? r : answer_write(text, len, KODEWAR_EXIT_OK);
}

/* An exit code, or a negative errno. */
static int plan_inputs(const struct settings *s, const struct option_words *words,
		       const struct service *service, const struct cli_inputs *in,
		       struct arena *arena)
{
	struct refusal refusal = { 0 };
	struct request request;
	struct plan plan;
	bool json = s->json || in->source_fd < 0;
	int r = cli_request_read(in, s, words, &service->languages, arena, &request, &refusal);

	if (r == 0)
		r = planner_plan(&service->planner, &request, arena, &plan, &refusal);
	if (r > 0)
		return answer_refusal("plan", json, &refusal);
	if (r < 0)
		return r;
	plan.live_stdin = in->source_fd >= 0 && request.ntests == 0; /* as run does */
	return print_plan(s, &plan);
}

static int plan_file(const struct settings *s, const struct option_words *words,
		     struct arena *arena)
{
	_cleanup_(service_done) struct service service = SERVICE_INIT;
	_cleanup_(cli_inputs_done) struct cli_inputs in = CLI_INPUTS_INIT;
	struct refusal refusal = { 0 };
	struct err err = ERR_INIT;
	int r = service_load(&service, s, &err);

	service.planner.cold = s->runner == RUNNER_MODE_COLD ? ~0u : 0;
	if (r == 0 && cli_inputs_open(&in, s, words->words[0], &refusal) > 0)
		return answer_refusal("plan", s->json, &refusal);
	if (r == 0)
		r = privilege_drop(PRIVILEGE_NOBODY, PRIVILEGE_NOBODY, &err);
	if (r == 0) {
		r = plan_inputs(s, words, &service, &in, arena);
		if (r < 0)
			err_set(&err, r, "make the plan");
	}
	/* A request on stdin is answered in JSON, as run does. */
	return r >= 0 ? r
		      : answer_failure("plan", s->json || !strcmp(words->words[0], "-"), NULL,
				       &err);
}

static int run(const struct settings *s, const struct option_words *words)
{
	const char *problem = cli_request_check_usage(s, words);
	struct arena arena;
	int code;

	if (problem)
		return command_usage_error("plan", "%s", problem);
	arena_init(&arena, PLAN_ARENA_BYTES);
	code = plan_file(s, words, &arena);
	arena_done(&arena);
	return code;
}

const struct command command_plan = {
	.name = "plan",
	.synopsis = (const char *const[]){ "[OPTION...] FILE [-- ARG...]", "[OPTION...] -", NULL },
	.summary = "Print what run would do, and do nothing",
	.details =
		"FILE is a source; - is a request's JSON on stdin. The plan holds every step with its argv, "
		"environment, files and limits: no default is left open in it.",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = run,
};

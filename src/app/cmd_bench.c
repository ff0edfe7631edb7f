/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For measuring beside peers.  `kodewar bench --requests` is bench_requests.c's: whole submissions, as lines.
 *
 * `kodewar bench -- ARGV...`: boxes on demand inside one running engine, for measuring beside peers in
 * one run: every line on stdin runs ARGV in a box once, and a line of JSON on stdout says how long it
 * took from the order to the verdict, and what the supervisor saw.  Used by bench/; no judge needs it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/answer.h"
#include "app/bench_requests.h"
#include "app/command.h"
#include "app/service.h"
#include "base/cleanup.h"
#include "base/clock.h"

struct bench {
	struct service service;
	struct language language;
	struct request request;
	struct plan_step step;
	struct plan plan;
	bool done;
	enum verdict verdict;
	struct facts facts;
	char last_line[32]; /* of stdout, where it fits: programs tell moments in it */
};

static void keep_last_line(struct bench *b, struct text out)
{
	size_t end = out.len, start;

	while (end > 0 && out.data[end - 1] == '\n')
		end--;
	for (start = end; start > 0 && out.data[start - 1] >= '0' && out.data[start - 1] <= '9';)
		start--;
	b->last_line[0] = '\0';
	if (end - start < sizeof(b->last_line))
		snprintf(b->last_line, sizeof(b->last_line), "%.*s", (int)(end - start),
			 out.data + start);
}

static void on_done(void *user, const struct result *result)
{
	struct bench *b = user;

	b->done = true;
	b->verdict = result->verdict;
	b->facts = result->cases[0].outcome.facts;
	keep_last_line(b, result->cases[0].outcome.out);
}

static int run_once(struct bench *b, struct err *err)
{
	const struct job_events events = { .on_done = on_done };
	struct backend *backend = b->service.backend;
	struct arena arena;
	struct job *job;
	uint64_t start, end;
	int r = 0;

	while (r >= 0 && backend->ops->idle_lanes(backend) < backend->lanes)
		r = sd_event_run(b->service.loop, UINT64_MAX);
	arena_init(&arena, 256u << 20);
	b->done = false;
	start = clock_now_nsec();
	if (r >= 0)
		r = engine_submit(b->service.engine,
				  &(struct engine_order){ .plan = &b->plan,
							  .arena = &arena,
							  .id = "bench",
							  .live_stdin_fd = -1,
							  .events = &events,
							  .user = b },
				  &job, err);
	while (r >= 0 && !b->done)
		r = sd_event_run(b->service.loop, UINT64_MAX);
	end = clock_now_nsec();
	if (r >= 0)
		printf("{\"nsec\":%llu,\"end_nsec\":%llu,\"last_line\":\"%s\",\"verdict\":\"%s\",\"cpu_usec\":%llu,"
		       "\"wall_usec\":%llu,\"memory_kb\":%llu}\n",
		       (unsigned long long)(end - start), (unsigned long long)end, b->last_line,
		       verdict_names[b->verdict], (unsigned long long)b->facts.cpu_usec,
		       (unsigned long long)b->facts.wall_usec,
		       (unsigned long long)(b->facts.memory_peak_bytes / 1024));
	arena_done(&arena);
	fflush(stdout);
	return r < 0 ? r : 0;
}

static void plan_argv(struct bench *b, const char *const *argv, const struct limits *limits)
{
	static const char *const env[] = { "PATH=/usr/bin:/bin", "HOME=/box", NULL };

	b->language.name = "bench";
	b->step = (struct plan_step){ .kind = STEP_RUN,
				      .argv = argv,
				      .envp = env,
				      .cwd = "/box",
				      .stdin_text = TEXT(""),
				      .limits = *limits,
				      .test = -1 };
	b->plan = (struct plan){ .request = &b->request,
				 .language = &b->language,
				 .steps = &b->step,
				 .nsteps = 1,
				 .total_wall_ms = limits->total_wall_ms };
}

static int serve(struct bench *b, struct err *err)
{
	char line[64];
	int r = 0;

	while (r == 0 && fgets(line, sizeof(line), stdin))
		r = run_once(b, err);
	return r;
}

static int parse_limits(const struct settings *s, struct limits *l)
{
	*l = limits_default;
	for (size_t i = 0; i < s->limits.len; i++) {
		const char *eq = strchr(s->limits.items[i], '=');
		size_t k = 0;

		while (eq && k < limit_table_len &&
		       (strlen(limit_table[k].name) != (size_t)(eq - s->limits.items[i]) ||
			strncmp(limit_table[k].name, s->limits.items[i],
				(size_t)(eq - s->limits.items[i]))))
			k++;
		if (!eq || k == limit_table_len)
			return command_usage_error("bench", "--limit %s: no such limit",
						   s->limits.items[i]);
		*limits_at(l, &limit_table[k]) = strtoull(eq + 1, NULL, 10);
	}
	return 0;
}

static int bring_up(struct service *service, const struct settings *settings, struct err *err)
{
	int r = service_load(service, settings, err);

	if (r < 0)
		return r;
	service->docker.config.ahead = true;
	r = service_start(service, (unsigned)settings->lanes, err);
	if (r == 0)
		r = service_enter(service, err);
	if (r == 0)
		engine_set_pool(service->engine, settings->runner != RUNNER_MODE_WARM);
	return r;
}

static int bench_argv(const struct settings *settings, const struct option_words *words,
		      const struct limits *limits, struct err *err)
{
	static struct bench b = { .service = SERVICE_INIT };
	const char **argv = calloc(words->nrest + 1, sizeof(*argv));
	int r;

	if (!argv)
		return err_set(err, ENOMEM, "make the bench");
	memcpy(argv, words->rest, words->nrest * sizeof(*argv));
	plan_argv(&b, argv, limits);
	r = bring_up(&b.service, settings, err);
	if (r == 0)
		r = serve(&b, err);
	service_done(&b.service);
	free(argv);
	return r;
}

static int bench_lines(const struct settings *settings, struct err *err)
{
	struct service service = SERVICE_INIT;
	int r = bring_up(&service, settings, err);

	if (r == 0)
		r = bench_requests(&service, settings, err);
	service_done(&service);
	return r;
}

static const char *check_usage(const struct settings *s, const struct option_words *words)
{
	if (!s->requests && words->nrest == 0)
		return "needs --requests, or a command after --";
	if (s->requests && words->nrest > 0)
		return "--requests takes no command: each line says what to run";
	if (s->requests && s->limits.len > 0)
		return "--requests takes no --limit: each line has limits of its own";
	if (words->nwords > 0)
		return "a command stands after --";
	return NULL;
}

static int bench(const struct settings *settings, const struct option_words *words)
{
	const char *problem = check_usage(settings, words);
	struct err err = ERR_INIT;
	struct limits limits;
	int r;

	if (problem)
		return command_usage_error("bench", "%s", problem);
	r = parse_limits(settings, &limits);
	if (r)
		return r;
	r = settings->requests ? bench_lines(settings, &err)
			       : bench_argv(settings, words, &limits, &err);
	if (r < 0 && !*err.text)
		err_set(&err, r, "bench");
	return r < 0 ? answer_failure("bench", false, NULL, &err) : KODEWAR_EXIT_OK;
}

static const struct option_info options[] = {
	SETTING_REQUESTS, SETTING_IN_FLIGHT,   SETTING_RUNNER,	 SETTING_LIMIT,
	SETTING_LANES,	  SETTING_MAX_BODY,    SETTING_PROFILE,	 SETTING_LANGUAGES_DIR,
	SETTING_LOG_DIR,  SETTINGS_OF_BACKEND, SETTINGS_OF_TREE, SETTING_HELP,
};
static const char *const synopsis[] = { "[OPTION...] -- COMMAND [WORD...]",
					"--requests [OPTION...]", NULL };

const struct command command_bench = {
	.name = "bench",
	.synopsis = synopsis,
	.summary = "Run a command, or a request, in a box once per line of input, and time it",
	.details =
		"For measurements beside other sandboxes in one run: each line on stdin runs COMMAND, a path "
		"in the tree such as /bin/true, in a fresh box; a line of JSON on stdout gives nanoseconds from "
		"order to verdict and the supervisor's facts.\n\n"
		"With --requests each line is a request's JSON; a line with its result's follows, in which nsec, "
		"the nanoseconds from order to verdict of the whole submission, and line, the number of the "
		"request, come before the result's own fields. Answers come in the order of ending.",
	.needs_root = true,
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = bench,
};

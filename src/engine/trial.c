/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See trial.h.  Each language goes through the rows of `steps` one after the other, since what the last of them measures is
 * made ready by those before; the next row is begun from the end of the last one.  A row that fails ends the language.
 */
#include "engine/trial.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "model/verdict.h"

#define TRIAL_ARENA_BYTES (64u << 20)
#define SUM_COUNT 100000
#define SUM_BYTES (8 * SUM_COUNT)
#define EXIT_CODE 3
#define QUOTE_BYTES 160
#define VERSION_CHARS "0123456789.+-_~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char echo_text[] =
	"one\n  two  three\n\n\"four\" 'five' \\ $six %d {seven}\n\303\251\n8 9\n";

enum step_id {
	STEP_VERSION,
	STEP_HELLO,
	STEP_ECHO,
	STEP_SUM,
	STEP_EXIT,
	STEP_BROKEN,
	STEP_CRASH,
	STEP_EMPTY_COLD,
	STEP_EMPTY_WARM,
	STEP_IDS,
};

static const struct {
	const char *name;
	size_t program; /* in struct language_programs */
} steps[STEP_IDS] = {
	[STEP_VERSION] = { "version", 0 },
	[STEP_HELLO] = { "hello", offsetof(struct language_programs, hello) },
	[STEP_ECHO] = { "echo", offsetof(struct language_programs, echo) },
	[STEP_SUM] = { "sum", offsetof(struct language_programs, sum) },
	[STEP_EXIT] = { "exit", offsetof(struct language_programs, exit) },
	[STEP_BROKEN] = { "broken", offsetof(struct language_programs, broken) },
	[STEP_CRASH] = { "crash", offsetof(struct language_programs, crash) },
	[STEP_EMPTY_COLD] = { "empty", offsetof(struct language_programs, empty) },
	[STEP_EMPTY_WARM] = { "empty", offsetof(struct language_programs, empty) },
};

struct trials;

/* One language on its way through the steps. */
struct trial {
	struct trials *all;
	struct trial_report *report; /* NULL: it has nothing to do */
	enum step_id step;
	uint64_t begun_nsec;
	struct arena arena; /* of the step */
	struct test_case test;
	struct request request;
	struct plan plan;
	struct plan_step version;
};

struct trials {
	const struct trial_config *config;
	struct trial_report *reports;
	size_t n, next;
	unsigned running;
	char *numbers; /* owned: what is summed up */
	int error;
	struct err *err;
	struct trial each[]; /* config->beside of them */
};

/* ---- what came out ---- */

/* One printable line out of what a program wrote. */
static void say(struct trial *t, const char *what, struct text told)
{
	struct trial_report *r = t->report;
	size_t n = (size_t)snprintf(r->why, sizeof(r->why), "%s: %s", steps[t->step].name, what);
	size_t end = n + QUOTE_BYTES < sizeof(r->why) ? n + QUOTE_BYTES : sizeof(r->why) - 1;

	for (size_t i = 0; i < told.len && n + 1 < end; i++) {
		unsigned char c = (unsigned char)told.data[i];

		r->why[n++] = c < ' ' || c > '~' ? ' ' : (char)c;
	}
	r->why[n < sizeof(r->why) ? n : sizeof(r->why) - 1] = '\0';
}

static struct text text_of(const char *s)
{
	return (struct text){ s, strlen(s) };
}

static bool says(struct text where, const char *what)
{
	return where.len && memmem(where.data, where.len, what, strlen(what));
}

/* Wherever a compiler or an interpreter complains. */
static bool complains(const struct result *result, const char *what)
{
	const struct box_outcome *of_run = &result->cases[0].outcome;
	const struct box_outcome *of_compile = &result->compile.outcome;

	return says(text_of(result->error), what) || says(of_run->err, what) ||
	       says(of_run->out, what) || says(of_compile->err, what) ||
	       says(of_compile->out, what);
}

/* Where a number with a dot begins that is no part of another word ("go1.19", "v18.1" are such numbers). */
static const char *find_number(const char *line)
{
	for (const char *at = line; *at; at++) {
		size_t digits = strspn(at, "0123456789");

		if (digits && at[digits] == '.' && isdigit((unsigned char)at[digits + 1]))
			return at;
		if (digits)
			at += digits - 1;
	}
	return NULL;
}

/* The first number with a dot in it, with what hangs on it; else the first line. */
static void take_version(struct trial *t, const struct box_outcome *o)
{
	struct text told = o->out.len ? o->out : o->err;
	char line[256];
	const char *number;
	size_t n = 0, len;

	for (size_t i = 0; i < told.len && n + 1 < sizeof(line); i++)
		line[n++] = told.data[i] ? told.data[i] : ' ';
	line[n] = '\0';
	number = find_number(line);
	len = number ? strspn(number, VERSION_CHARS) : strcspn(line, "\n");
	snprintf(t->report->version, sizeof(t->report->version), "%.*s", (int)len,
		 number ? number : line);
}

static bool is_verdict(struct trial *t, const struct result *result, enum verdict wanted)
{
	char what[96];

	if (result->verdict == wanted)
		return true;
	snprintf(what, sizeof(what), "%s instead of %s: ", verdict_names[result->verdict],
		 verdict_names[wanted]);
	say(t, what, text_of(*result->error ? result->error : ""));
	if (!*result->error)
		say(t, what, result->cases[0].outcome.out);
	return false;
}

static bool must_complain(struct trial *t, const struct result *result, enum verdict wanted,
			  const char *what)
{
	char text[96];

	if (!is_verdict(t, result, wanted))
		return false;
	if (complains(result, what))
		return true;
	snprintf(text, sizeof(text), "does not say %.60s: ", what);
	say(t, text, text_of(result->error));
	return false;
}

static bool check(struct trial *t, const struct result *result)
{
	const struct language *l = t->report->language;
	const struct case_result *c = &result->cases[0];
	uint64_t nsec = clock_now_nsec() - t->begun_nsec;
	int code;

	switch (t->step) {
	case STEP_VERSION:
		take_version(t, &c->outcome);
		return is_verdict(t, result, VERDICT_ACCEPTED);
	case STEP_EXIT:
		if (!is_verdict(t, result, VERDICT_RUNTIME_ERROR))
			return false;
		if (facts_exit_code(&c->outcome.facts, &code) && code == EXIT_CODE)
			return true;
		return say(t, "it does not end with exit code 3: ", text_of(result->error)), false;
	case STEP_BROKEN:
		return must_complain(
			t, result, l->compile_argv ? VERDICT_COMPILE_ERROR : VERDICT_RUNTIME_ERROR,
			l->selftest->broken_says);
	case STEP_CRASH:
		return must_complain(t, result, VERDICT_RUNTIME_ERROR, l->selftest->crash_says);
	case STEP_EMPTY_COLD:
		t->report->cold_nsec = nsec;
		t->report->memory_kb = c->outcome.facts.memory_peak_bytes / 1024;
		break;
	case STEP_EMPTY_WARM:
		t->report->warm_nsec = nsec;
		t->report->cpu_usec = c->outcome.facts.cpu_usec;
		t->report->runner = c->outcome.facts.runner;
		break;
	default: break;
	}
	return is_verdict(t, result, VERDICT_ACCEPTED);
}

/* ---- what goes in ---- */

static const char *program_of(const struct trial *t)
{
	const struct language_programs *p = t->report->language->selftest;
	const char *text = NULL;

	if (t->step != STEP_VERSION)
		memcpy(&text, (const char *)p + steps[t->step].program, sizeof(text));
	return text ? text : "";
}

/* What a program must print is a test of it; of the others only the end matters. */
static void ask(struct trial *t)
{
	const struct trials *all = t->all;
	struct test_case *test = &t->test;

	*test = (struct test_case){ .input = TEXT(""), .expected = TEXT("") };
	t->request = (struct request){
		.code = text_of(program_of(t)),
		.language = language_id(t->report->language),
		.stdin_text = TEXT(""),
		.fresh = t->step == STEP_EMPTY_COLD && !t->report->language->compile_argv,
	};
	if (t->step == STEP_HELLO)
		test->expected = TEXT("Hello, world!\n");
	if (t->step == STEP_ECHO)
		test->input = test->expected = text_of(echo_text);
	if (t->step == STEP_SUM) {
		test->input = text_of(all->numbers);
		test->expected = TEXT("5000050000\n");
	}
	if (test->expected.len == 0)
		return;
	t->request.tests = test;
	t->request.ntests = 1;
}

/* Asked in a box, like everything else: it is a program of the tree. */
static void plan_version(struct trial *t)
{
	t->version = t->plan.steps[t->plan.nsteps - 1];
	t->version.argv = t->report->language->version_argv;
	t->version.runner = RUNNER_EXEC;
	t->version.artefact = NULL;
	t->version.nfiles = 0;
	t->plan.steps = &t->version;
	t->plan.nsteps = 1;
}

/* ---- one after the other ---- */

static void on_done(void *user, const struct result *result);

static int submit(struct trial *t)
{
	static const struct job_events events = { .on_done = on_done };
	const struct trial_config *c = t->all->config;
	struct refusal refusal = { 0 };
	struct job *job;
	int r;

	arena_init(&t->arena, TRIAL_ARENA_BYTES);
	ask(t);
	r = planner_plan(c->planner, &t->request, &t->arena, &t->plan, &refusal);
	if (r > 0)
		r = err_set(t->all->err, EINVAL, "%s: %s: %s", t->request.language, refusal.field,
			    refusal.rule);
	if (r < 0)
		return r;
	if (t->step == STEP_VERSION)
		plan_version(t);
	t->begun_nsec = clock_now_nsec();
	return engine_submit(c->engine,
			     &(struct engine_order){ .plan = &t->plan,
						     .arena = &t->arena,
						     .id = "selftest",
						     .live_stdin_fd = -1,
						     .uncounted = true,
						     .events = &events,
						     .user = t },
			     &job, t->all->err);
}

/* The next language that can be tried at all. */
static void take_next(struct trial *t)
{
	struct trials *all = t->all;
	const struct trial_config *c = all->config;

	t->report = NULL;
	while (all->next < all->n && !t->report && !(c->end && *c->end)) {
		struct trial_report *r = &all->reports[all->next++];

		r->begun_nsec = clock_now_nsec();
		if (r->language->selftest) {
			t->report = r;
			t->step = STEP_VERSION;
			continue;
		}
		snprintf(r->why, sizeof(r->why), "its file has no selftest");
		r->end_nsec = r->begun_nsec;
		if (c->on_report)
			c->on_report(c->user, r);
	}
}

static void go_on(struct trial *t)
{
	struct trials *all = t->all;

	if (!t->report || all->error)
		return;
	all->error = submit(t);
	if (all->error == 0)
		all->running++;
	else
		arena_done(&t->arena);
}

static void on_done(void *user, const struct result *result)
{
	struct trial *t = user;
	const struct trial_config *c = t->all->config;
	bool good = check(t, result);

	t->all->running--;
	arena_done(&t->arena);
	if (good && ++t->step < STEP_IDS)
		return go_on(t);
	t->report->ok = good;
	t->report->end_nsec = clock_now_nsec();
	if (c->on_report)
		c->on_report(c->user, t->report);
	take_next(t);
	go_on(t);
}

static char *make_numbers(void)
{
	char *text = malloc(SUM_BYTES);
	size_t n = 0;

	for (unsigned i = 0; text && i <= SUM_COUNT; i++)
		n += (size_t)snprintf(text + n, SUM_BYTES - n, "%u\n", i ? i : SUM_COUNT);
	return text;
}

int trial_run(const struct trial_config *c, struct trial_report *reports, size_t n, struct err *err)
{
	struct trials *all = calloc(1, sizeof(*all) + c->beside * sizeof(all->each[0]));
	int r = 0;

	if (!all || !(all->numbers = make_numbers())) {
		free(all);
		return err_set(err, ENOMEM, "try the languages");
	}
	all->config = c;
	all->reports = reports;
	all->n = n;
	all->err = err;
	for (unsigned i = 0; i < c->beside; i++) {
		all->each[i].all = all;
		take_next(&all->each[i]);
		go_on(&all->each[i]);
	}
	while (r >= 0 && all->running > 0)
		r = sd_event_run(c->loop, UINT64_MAX);
	r = r < 0 ? r : all->error;
	free(all->numbers);
	free(all);
	return r;
}

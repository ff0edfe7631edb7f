/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See languages_test.h.  Our own programs go the way of any stranger's: the same boxes, limits and judge.  Lines of the
 * table come as languages end, so that one that takes long does not look like none at all.
 */
#include "app/languages_test.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "app/answer.h"
#include "app/command.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/trial.h"

#define CACHE_BYTES (256ull << 20)
#define CACHE_ENTRIES 64

struct run {
	struct service *service;
	const struct settings *settings;
	const struct language **named; /* those that were asked for, or all */
	size_t nnamed;
	struct trial_report *reports; /* of those that are here */
	size_t nreports, nbad, nabsent;
	json_t *json; /* owned: an array; NULL: a table is printed */
};

/* NULL: it is here. */
static const char *why_absent(const struct run *x, const struct language *l)
{
	if (x->service->docker.on && !service_docker_has(x->service, l))
		return "the image does not have it";
	return l->absent;
}

/* Once the service knows what its tree has. */
static void take_names(struct run *x, const struct option_words *words)
{
	const struct language_set *set = &x->service->languages;

	for (size_t i = 0; i < words->nwords; i++)
		x->named[x->nnamed++] = language_find(set, words->words[i]);
	for (size_t i = 0; words->nwords == 0 && i < set->len; i++)
		x->named[x->nnamed++] = &set->langs[i];
	for (size_t i = 0; i < x->nnamed; i++)
		if (!why_absent(x, x->named[i]))
			x->reports[x->nreports++].language = x->named[i];
		else
			x->nabsent++;
}

static double msec(uint64_t nsec)
{
	return (double)nsec / (double)NSEC_PER_MSEC;
}

static void print_report(const struct trial_report *r)
{
	printf("%-14s %-5s %-22.22s", language_id(r->language), r->ok ? "yes" : "NO", r->version);
	if (r->ok)
		printf(" %8.0f %8.1f %8.1f %8" PRIu64 "  %s\n", msec(r->cold_nsec),
		       msec(r->warm_nsec), (double)r->cpu_usec / 1e3, r->memory_kb,
		       runner_start_names[r->runner]);
	else
		printf(" %s\n", r->why);
	fflush(stdout);
}

static void on_report(void *user, const struct trial_report *r)
{
	struct run *x = user;

	x->nbad += !r->ok;
	if (!x->json)
		return print_report(r);
	json_array_append_new(
		x->json,
		json_pack("{s:s, s:s, s:b, s:b, s:s?, s:s, s:f, s:f, s:f, s:I, s:s}", "name",
			  r->language->name, "id", language_id(r->language), "available", 1, "ok",
			  r->ok, "why", r->ok ? NULL : r->why, "version", r->version, "cold_ms",
			  msec(r->cold_nsec), "warm_ms", msec(r->warm_nsec), "cpu_ms",
			  (double)r->cpu_usec / 1e3, "memory_kb", (json_int_t)r->memory_kb,
			  "runner", runner_start_names[r->runner]));
}

static void tell_absent(struct run *x)
{
	for (size_t i = 0; i < x->nnamed; i++) {
		const struct language *l = x->named[i];
		const char *why = why_absent(x, l);

		if (!why)
			continue;
		if (x->json)
			json_array_append_new(x->json,
					      json_pack("{s:s, s:s, s:b, s:b, s:s}", "name",
							l->name, "id", language_id(l), "available",
							0, "ok", 0, "why", why));
		else
			printf("%-14s %-5s %s\n", language_id(l), "-", why);
	}
}

/* What the second start of an empty program is to show: what was compiled is kept, what can be warm is. */
static int make_ready(struct run *x, struct err *err)
{
	struct cache_config cache = { .max_bytes = CACHE_BYTES, .max_entries = CACHE_ENTRIES };
	struct service *s = x->service;
	int r = service_cache_config(s, &cache) ? engine_set_cache(s->engine, &cache) : 0;

	if (r < 0)
		return err_set(err, r, "make the compile cache");
	engine_set_pool(s->engine, x->settings->runner == RUNNER_MODE_POOLED);
	for (size_t i = 0; r == 0 && i < x->nreports; i++)
		if (x->reports[i].language->runner != RUNNER_EXEC)
			r = service_warm(s, x->settings->runner, x->reports[i].language, true, err);
	return r;
}

static int try_all(struct run *x, const struct option_words *words, struct err *err)
{
	struct service *s = x->service;
	struct trial_config config = { .planner = &s->planner, .on_report = on_report, .user = x };
	int r = service_start(s, (unsigned)x->settings->lanes, err);

	if (r == 0)
		r = service_enter(s, err);
	if (r < 0)
		return r;
	take_names(x, words);
	r = make_ready(x, err);
	if (r < 0)
		return r;
	config.loop = s->loop;
	config.engine = s->engine;
	config.beside = s->lanes;
	if (!x->json)
		printf("%-14s %-5s %-22s %8s %8s %8s %8s  %s\n", "NAME", "WORKS", "VERSION",
		       "COLD ms", "WARM ms", "CPU ms", "KB", "RUNNER");
	return trial_run(&config, x->reports, x->nreports, err);
}

static int finish(struct run *x, bool by_name)
{
	int code;

	tell_absent(x);
	if (x->json) {
		json_dumpf(x->json, stdout, JSON_COMPACT);
		printf("\n");
	} else {
		printf("\n%zu work, %zu do not, %zu are not here\n", x->nreports - x->nbad, x->nbad,
		       x->nabsent);
	}
	code = command_end_stdout();
	return code							? code
	       : x->nbad || x->nreports == 0 || (by_name && x->nabsent) ? KODEWAR_EXIT_FAILED
									: KODEWAR_EXIT_OK;
}

int languages_test(struct service *s, const struct settings *settings,
		   const struct option_words *words)
{
	struct run x = { .service = s, .settings = settings };
	size_t room = words->nwords + s->languages.len;
	struct err err = ERR_INIT;
	int r;

	x.named = arena_alloc_array(&s->arena, room, sizeof(*x.named));
	x.reports = arena_alloc_array(&s->arena, room, sizeof(*x.reports));
	if (!x.named || !x.reports) {
		err_set(&err, ENOMEM, "list the languages");
		return answer_failure("languages", settings->json, NULL, &err);
	}
	for (size_t i = 0; i < words->nwords; i++)
		if (!language_find(&s->languages, words->words[i]))
			return command_usage_error("languages", "there is no language %s",
						   words->words[i]);
	x.json = settings->json ? json_array() : NULL;
	r = try_all(&x, words, &err);
	r = r < 0 ? answer_failure("languages", settings->json, NULL, &err)
		  : finish(&x, words->nwords > 0);
	json_decref(x.json);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar worker`: one of any number that serve a queue.  The order is that of service.h; where jobs come from is
 * a source's (worker.h), and the desk judges them like any gate's, in memory: the queue is the journal.
 */
#include <errno.h>
#include <string.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/worker.h"
#include "app/worker_celery.h"
#include "base/cleanup.h"
#include "gate/desk/desk_local.h"
#include "gate/redis/redis_queue.h"
#include "gate/redis/redis_stream.h"

#define QUEUE_BYTES (1ull << 30)
#define HISTORY_BYTES (64u << 10)

/* ---- options ---- */

int worker_url(const struct settings *s, struct redis_url *ret, struct err *err)
{
	const char *text = s->worker.redis;

	if (!text)
		text = getenv("KODEWAR_REDIS");
	return redis_url_parse(text && *text ? text : "redis://127.0.0.1:6379/0", ret, err);
}

int worker_queue(const struct settings *s, const struct redis_url *url, const char **ret,
		 struct err *err)
{
	bool cluster = url->kind == REDIS_CLUSTER;

	*ret = s->worker.queue ? s->worker.queue : cluster ? QUEUE_DEFAULT_CLUSTER : QUEUE_DEFAULT;
	if (!queue_name_ok(*ret)) {
		err_set(err, 0, "--queue: must be 1 to %d of A-Z a-z 0-9 . _ - : { }",
			QUEUE_NAME_MAX);
		return -EINVAL;
	}
	if (cluster && !queue_name_in_one_slot(*ret)) {
		err_set(err, 0,
			"--queue: must be {NAME} in a Redis Cluster, where all keys of a queue must be one node's");
		return -EINVAL;
	}
	return 0;
}

/* ---- streams ---- */

static int stream_open(struct worker *w, void **ret, struct err *err)
{
	const struct worker_settings *s = &w->settings->worker;
	const struct redis_stream_config c = { .loop = w->service.loop,
					       .desk = w->desk,
					       .url = &w->url,
					       .ca_file = s->redis_ca,
					       .queue = w->queue,
					       .lanes = w->service.lanes,
					       .prefetch = w->prefetch,
					       .lease_ms = s->lease_sec * 1000,
					       .keep_ms = s->keep_sec * 1000,
					       .deliveries_max = (unsigned)s->deliveries };
	struct redis_stream *it = NULL;
	int r = redis_stream_new(&c, &it, err);

	*ret = it;
	return r;
}

static void stream_drain(void *it, void (*on_empty)(void *user), void *user)
{
	redis_stream_drain(it, on_empty, user);
}

static void stream_free(void *it)
{
	redis_stream_free(it);
}

static const struct worker_source stream_source = {
	.name = "stream", .open = stream_open, .drain = stream_drain, .free = stream_free
};

/* ---- bringing up ---- */

static int open_desk(struct worker *w, struct err *err)
{
	struct cache_config cache = { .max_bytes = WORKER_CACHE_BYTES,
				      .max_entries = WORKER_CACHE_ENTRIES };
	const struct desk_config desk = { .loop = w->service.loop,
					  .engine = w->service.engine,
					  .planner = &w->service.planner,
					  .queue_max = 2 * (w->service.lanes + w->prefetch) + 8,
					  .queue_bytes = QUEUE_BYTES,
					  .body_bytes_max = w->settings->max_body_bytes,
					  .history_bytes = HISTORY_BYTES,
					  .kept_bytes = 0,
					  .keep_sec = 1 };

	if (service_cache_config(&w->service, &cache) &&
	    engine_set_cache(w->service.engine, &cache) < 0)
		return err_set(err, ENOMEM, "make the compile cache");
	return desk_local_new(&desk, &w->desk, err);
}

/* Like `serve`: who works all day is warm from the start. */
static int warm_all(struct worker *w, struct err *err)
{
	const struct language_set *set = &w->service.languages;
	int r = 0;

	engine_set_pool(w->service.engine, w->settings->runner != RUNNER_MODE_WARM);
	for (size_t i = 0; r == 0 && i < set->len; i++)
		if (set->langs[i].runner != RUNNER_EXEC)
			r = service_warm(&w->service, w->settings->runner, &set->langs[i], true,
					 err);
	return r;
}

static int bring_up(struct worker *w, struct err *err)
{
	const struct keeper_config keeper = {
		.settings = w->settings,
		.lanes = service_lanes((unsigned)w->settings->lanes),
		.strict = true,
	};
	int r = service_load(&w->service, w->settings, err);

	if (r == 0)
		r = switch_open(&w->boxes, &w->service, &keeper, err);
	if (r == 0)
		r = service_start(&w->service, (unsigned)w->settings->lanes, err);
	if (r == 0)
		r = service_enter(&w->service, err);
	if (r == 0)
		r = warm_all(w, err);
	if (r < 0)
		return r;
	w->prefetch = w->settings->worker.prefetch == WORKER_PREFETCH_DEFAULT
			      ? w->service.lanes
			      : (unsigned)w->settings->worker.prefetch;
	if (w->settings->repeat != SETTINGS_UNSAID)
		w->service.planner.repeat = (unsigned)w->settings->repeat;
	return open_desk(w, err);
}

/* Nothing turns the loop in between: the source before the desk, the desk after the engine is told so by it. */
static void take_down(struct worker *w)
{
	w->source->free(w->it);
	desk_free(w->desk);
	worker_life_done(w);
	service_done(&w->service);
	switch_done(&w->boxes);
}

static int work(const struct settings *settings, const struct option_words *words)
{
	struct worker w = { .settings = settings,
			    .source = settings->celery.on ? &worker_celery_source : &stream_source,
			    .service = SERVICE_INIT,
			    .boxes = SWITCH_INIT };
	struct err err = ERR_INIT;
	int r;

	if (words->nwords + words->nrest > 0)
		return command_usage_error("worker", "takes no words");
	if (worker_url(settings, &w.url, &err) < 0 ||
	    worker_queue(settings, &w.url, &w.queue, &err) < 0 ||
	    worker_celery_check(settings, &err) < 0)
		return command_usage_error("worker", "%s", err.text);
	r = bring_up(&w, &err);
	if (r == 0)
		r = worker_run(&w, &err);
	if (r < 0)
		r = answer_failure("worker", false, NULL, &err);
	take_down(&w);
	return r;
}

static const struct option_info options[] = {
	SETTINGS_OF_REDIS, SETTINGS_OF_CELERY,	  SETTING_LANES,      SETTING_PREFETCH,
	SETTING_REPEAT,	   SETTING_LEASE,	  SETTING_DELIVERIES, SETTING_KEEP,
	SETTING_DRAIN,	   SETTING_MAX_BODY,	  SETTING_RUNNER,     SETTINGS_OF_BACKEND,
	SETTING_LOG_DIR,   SETTING_LANGUAGES_DIR, SETTING_PROFILE,    SETTINGS_OF_TREE,
	SETTING_HELP,
};
static const char *const synopsis[] = { "[OPTION...]", NULL };

const struct command command_worker = {
	.name = "worker",
	.synopsis = synopsis,
	.summary = "Judge the jobs of a queue in Redis, beside any number of others",
	.details =
		"Takes jobs from Redis Streams (Redis 7, Valkey), judges them, stores each result once and only then "
		"acknowledges. A worker that dies loses nothing: its jobs are taken over when its lease is over. "
		"docs/QUEUE.md describes every key, for producers in any language; `kodewar submit` is one.\n\n"
		"SIGTERM drains: nothing more is taken, what did not begin is given back, what runs may end. SIGHUP "
		"opens the logs anew, and moves to the tree and the languages as they are by then, without losing a job.",
	.needs_root = true,
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = work,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar worker --celery`: the command line made into what the Celery worker is told.  Names that become parts of keys,
 * of JSON or of channels are checked here, once.
 */
#include "app/worker_celery.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "gate/celery/celery_worker.h"

#define ARGS_MAX 16
#define NODE_BYTES 128
#define QUEUE_BYTES_MAX 255
#define NO_CLUSTER \
	"--celery: Celery's Redis transport knows no Cluster; a server or redis+sentinel:// is needed"
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
#define ABANDON_EARLIER_SEC 1 /* than --drain ends everything: to give back what is held */

struct celery_source {
	struct worker *worker;
	struct celery_worker *it; /* owned */
	struct redis_url backend, cache;
	char node[NODE_BYTES];
	char *args; /* owned: the words of params */
	const char *params[ARGS_MAX];
	size_t nparams;
	sd_event_source *abandon; /* owned */
};

/* ---- the command line ---- */

static int bad(struct err *err, const char *what)
{
	err_set(err, 0, "%s", what);
	return -EINVAL;
}

static bool word_ok(const char *word, const char *chars, size_t max)
{
	size_t len = strlen(word);

	return len > 0 && len <= max && strspn(word, chars) == len;
}

static const char *said_or(const char *option, const char *variable)
{
	const char *text = option ? option : getenv(variable);

	return text && *text ? text : NULL;
}

static int check_words(const struct celery_settings *c, struct err *err)
{
	if (c->queues.len > CELERY_QUEUES_MAX)
		return bad(err, "--celery-queue: more than 16");
	for (size_t i = 0; i < c->queues.len; i++)
		if (!word_ok(c->queues.items[i], NAME_CHARS ":", QUEUE_BYTES_MAX))
			return bad(err, "--celery-queue: must be 1 to 255 of A-Z a-z 0-9 . _ - :");
	if (c->task && !word_ok(c->task, NAME_CHARS, QUEUE_BYTES_MAX))
		return bad(err, "--celery-task: must be 1 to 255 of A-Z a-z 0-9 . _ -");
	if (c->args && !word_ok(c->args, NAME_CHARS ",", QUEUE_BYTES_MAX))
		return bad(err, "--celery-args: must be names with commas between");
	if (c->node && !word_ok(c->node, NAME_CHARS "@", NODE_BYTES - 1))
		return bad(err, "--celery-node: must be 1 to 127 of A-Z a-z 0-9 . _ - @");
	return 0;
}

int worker_celery_check(const struct settings *s, struct err *err)
{
	const struct celery_settings *c = &s->celery;
	const char *urls[] = { said_or(c->results, "KODEWAR_CELERY_RESULTS"),
			       said_or(c->cache, "KODEWAR_CACHE") };
	struct redis_url url;

	if (!c->on)
		return c->queues.len || c->task || c->args || c->node || c->results || c->cache
			       ? bad(err, "--celery is needed for options that begin with "
					  "--celery- and for --cache")
			       : 0;
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		if (urls[i] && redis_url_parse(urls[i], &url, err) < 0)
			return -EINVAL;
		if (urls[i] && url.kind == REDIS_CLUSTER)
			return bad(err, NO_CLUSTER);
	}
	if (worker_url(s, &url, err) < 0)
		return -EINVAL;
	return url.kind == REDIS_CLUSTER ? bad(err, NO_CLUSTER) : check_words(c, err);
}

static int split_args(struct celery_source *x, const char *text)
{
	char *rest, *word;

	x->args = strdup(text);
	if (!x->args)
		return -ENOMEM;
	for (word = strtok_r(x->args, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (x->nparams == ARGS_MAX)
			return -E2BIG;
		x->params[x->nparams++] = word;
	}
	return 0;
}

/* A host's name has what a node's may have, or it is not used. */
static void name_node(struct celery_source *x, const char *said)
{
	char host[65] = "";

	if (said) {
		snprintf(x->node, sizeof(x->node), "%s", said);
		return;
	}
	if (gethostname(host, sizeof(host) - 1) < 0 || !word_ok(host, NAME_CHARS, sizeof(host)))
		strcpy(host, "localhost");
	snprintf(x->node, sizeof(x->node), "kodewar@%s", host);
}

static int read_settings(struct celery_source *x, const struct celery_settings *c, struct err *err)
{
	const char *results = said_or(c->results, "KODEWAR_CELERY_RESULTS");
	const char *cache = said_or(c->cache, "KODEWAR_CACHE");
	int r = split_args(x, c->args ? c->args : "code,language,test_cases,submission_id");

	if (r < 0)
		return err_set(err, r, "--celery-args");
	name_node(x, c->node);
	x->backend = x->worker->url;
	if (results)
		r = redis_url_parse(results, &x->backend, err);
	if (r == 0 && cache)
		r = redis_url_parse(cache, &x->cache, err);
	return r;
}

/* ---- the source ---- */

static void on_shutdown(void *user)
{
	kill(getpid(), SIGTERM); /* the one way of ending: worker_life.c's */
}

static void on_ready(void *user)
{
	const struct celery_source *x = user;

	printf("kodewar is %s: broker and results are there\n", x->node);
	fflush(stdout);
	log_event(LOG_LEVEL_INFO, "celery: worker %s is ready", x->node);
}

static void fill(const struct celery_source *x, struct celery_worker_config *c)
{
	static const char *const queues[] = { "code_execution" };
	const struct settings *s = x->worker->settings;
	const struct celery_settings *said = &s->celery;

	*c = (struct celery_worker_config){
		.loop = x->worker->service.loop,
		.desk = x->worker->desk,
		.broker = &x->worker->url,
		.backend = &x->backend,
		.cache = *x->cache.host ? &x->cache : NULL,
		.ca_file = s->worker.redis_ca,
		.node = x->node,
		.queues = said->queues.len ? said->queues.items : queues,
		.nqueues = said->queues.len ? said->queues.len : 1,
		.signature = { said->task ? said->task : "core.tasks.run_code_task", x->params,
			       x->nparams },
		.window = x->worker->service.lanes + x->worker->prefetch,
		.lease_sec = s->worker.lease_sec,
		.visibility_sec = said->visibility_sec,
		.result_sec = s->worker.keep_sec,
		.track_started = said->track_started,
		.events = said->events,
		.cache_format = (enum celery_cache_format)said->cache_format,
		.cache_prefix = said->cache_prefix ? said->cache_prefix : ":1:",
		.cache_sec = said->cache_sec,
		.on_ready = on_ready,
		.on_shutdown = on_shutdown,
		.user = (void *)x,
	};
}

static void celery_free(void *it)
{
	struct celery_source *x = it;

	if (!x)
		return;
	celery_worker_free(x->it);
	loop_source_drop(&x->abandon);
	free(x->args);
	free(x);
}

static int celery_open(struct worker *w, void **ret, struct err *err)
{
	struct celery_source *x = calloc(1, sizeof(*x));
	struct celery_worker_config c;
	int r;

	if (!x)
		return err_set(err, ENOMEM, "make the Celery source");
	x->worker = w;
	r = read_settings(x, &w->settings->celery, err);
	if (r == 0) {
		fill(x, &c);
		r = celery_worker_new(&c, &x->it, err);
	}
	if (r < 0)
		celery_free(x);
	else
		*ret = x;
	return r;
}

static int on_abandon(sd_event_source *source, uint64_t usec, void *user)
{
	struct celery_source *x = user;

	log_event(LOG_LEVEL_WARNING, "celery: what still runs goes back to its queue");
	celery_worker_abandon(x->it);
	return 0;
}

static void celery_drain(void *it, void (*on_empty)(void *user), void *user)
{
	struct celery_source *x = it;
	uint64_t sec = x->worker->settings->worker.drain_sec;

	/* Without a warden nothing that runs will end well: it goes back at once. */
	sec = sec > ABANDON_EARLIER_SEC && !x->worker->failure ? sec - ABANDON_EARLIER_SEC : 0;
	celery_worker_drain(x->it, on_empty, user);
	if (sd_event_add_time_relative(x->worker->service.loop, &x->abandon, CLOCK_MONOTONIC,
				       sec * 1000000, 0, on_abandon, x) < 0)
		celery_worker_abandon(x->it);
}

const struct worker_source worker_celery_source = {
	.name = "celery", .open = celery_open, .drain = celery_drain, .free = celery_free
};

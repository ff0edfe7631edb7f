/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker on a Celery queue, as kombu's Redis transport and Celery's Redis backend have it: takes tasks, has the desk
 * judge them, stores results, and lets go of a task only after that.  docs/CELERY.md says what an operator sees.
 *
 * The broker is the journal: whatever is in our hands stands in its `unacked` hash too, and goes back to its queue when
 * we end, or when we do not renew our lease on it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "gate/celery/celery_message.h"
#include "gate/desk/desk.h"
#include "gate/redis/redis_url.h"

#define CELERY_QUEUES_MAX 16

struct celery_worker;

enum celery_cache_format { CELERY_CACHE_PICKLE, CELERY_CACHE_JSON };

struct celery_worker_config {
	sd_event *loop;
	struct desk *desk;
	const struct redis_url *broker, *backend, *cache; /* cache NULL: no cache entries */
	const char *ca_file;				  /* NULL: the system's */
	const char *node;				  /* letters, digits, '@', '.', '_', '-' */
	const char *const *queues;			  /* names, 1 to CELERY_QUEUES_MAX */
	size_t nqueues;
	struct celery_signature signature;
	unsigned window;	 /* tasks given to the desk at once */
	uint64_t lease_sec;	 /* a worker of ours that does not renew for this long is dead */
	uint64_t visibility_sec; /* the same of Celery's own workers, which never renew */
	uint64_t result_sec;	 /* how long results are kept; 0: for ever */
	bool track_started, events;
	enum celery_cache_format cache_format;
	const char *cache_prefix;	 /* before "submission_<id>" */
	uint64_t cache_sec;		 /* 0: for ever */
	void (*on_ready)(void *user);	 /* broker and backend answer, for the first time */
	void (*on_shutdown)(void *user); /* a broadcast asks us to end */
	void *user;
};

/* What the config points to outlives the worker. 0 or a negative errno. */
int celery_worker_new(const struct celery_worker_config *c, struct celery_worker **ret,
		      struct err *err);
/* Takes no more; what has not begun goes back; on_empty, from the loop, when nothing is left in our hands. */
void celery_worker_drain(struct celery_worker *w, void (*on_empty)(void *user), void *user);
/* While draining: what still runs is cancelled and goes back as well. */
void celery_worker_abandon(struct celery_worker *w);
/* Before the desk. Fine with NULL. */
void celery_worker_free(struct celery_worker *w);

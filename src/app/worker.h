/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of `kodewar worker` from its options to its end; private to cmd_worker.c, worker_life.c and whoever brings
 * jobs: a source, which is one of several and the only thing that knows where jobs come from.
 */
#pragma once

#include "app/switch.h"
#include "gate/desk/desk.h"
#include "gate/redis/redis_url.h"

#define WORKER_SIGNALS 3

#define WORKER_CACHE_BYTES (128u << 20) /* of compiled programs */
#define WORKER_CACHE_ENTRIES 64u

struct worker;

struct worker_source {
	const char *name; /* in logs */
	/* After privileges were dropped; the desk is there. 0 or a negative errno. */
	int (*open)(struct worker *w, void **ret, struct err *err);
	/* No more jobs; on_empty, from the loop, when none is held. */
	void (*drain)(void *it, void (*on_empty)(void *user), void *user);
	void (*free)(void *it); /* fine with NULL; before the desk */
};

struct worker {
	const struct settings *settings;
	const struct worker_source *source;
	struct redis_url url;
	const char *queue;
	struct service service;
	struct tree_switch boxes; /* which of them the service has */
	struct desk *desk;	  /* owned */
	void *it;		  /* owned, the source's */
	unsigned prefetch;
	sd_event_source *signals[WORKER_SIGNALS], *deadline; /* owned */
	bool draining;
	int failure; /* why it ends: negative errno */
};

/* --redis, or KODEWAR_REDIS, or the default; and --queue there. 0, or -EINVAL with what is wrong about them. */
int worker_url(const struct settings *s, struct redis_url *ret, struct err *err);
int worker_queue(const struct settings *s, const struct redis_url *url, const char **ret,
		 struct err *err);

/* worker_life.c: runs until a signal ends it. 0 or a negative errno. */
int worker_run(struct worker *w, struct err *err);
void worker_life_done(struct worker *w);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Job life: a plan goes in, steps run as boxes on the backend's idle lanes (tenants in turn, each one's jobs by
 * priority and in order, tests of one job spread over lanes), a judged result comes out by callback, from the
 * loop.
 */
#pragma once

#include "backend/backend.h"
#include "base/arena.h"
#include "engine/cache.h"
#include "engine/counters.h"
#include "model/result.h"

struct engine;
struct job;

/* on_begin, on_case and on_output come from the middle of the engine's work and must not call it. */
struct job_events {
	/* Before its first box, once. False: wait for engine_clear(). May be NULL. */
	bool (*on_next)(void *user);
	/* The first box of this kind was begun. May be NULL. */
	void (*on_begin)(void *user, enum step_kind kind);
	/* This case was judged; what the result says of others is yet to come. May be NULL. */
	void (*on_case)(void *user, const struct result *result, size_t index);
	/* Of a run step; test: its index, -1 outside tests. May be NULL. */
	void (*on_output)(void *user, int test, int stream, const char *data, size_t len);
	/* The result dies with the job after it. Anything may be called but engine_free(). */
	void (*on_done)(void *user, const struct result *result);
};

struct engine_order {
	const struct plan *plan; /* stays the caller's until on_done, as the arena does */
	struct arena *arena;
	const char *id;
	int live_stdin_fd;     /* as in backend_order, taken over; or -1 */
	const char *tenant;    /* NULL: "" */
	unsigned tenant_boxes; /* of his, at once; 0: no bound of his own */
	int priority;	       /* within the tenant's jobs, -9 to 9 */
	uint64_t begin_ms;     /* not begun by then: an internal error; 0: no matter when */
	bool uncounted;	       /* of the service's own: no counter sees it */
	const struct job_events *events;
	void *user;
};

int engine_new(sd_event *loop, struct backend *backend, struct engine **ret);
/* Somebody else was told of idle lanes meanwhile: from now on it is the engine again. */
void engine_attach(struct engine *e);
/*
 * Whether programs are made ready ahead of their orders, for latency, wherever nothing waits.  Off at first: whoever runs
 * one submission and ends has no use for it.
 */
void engine_set_pool(struct engine *e, bool on);
/*
 * What jobs that have begun may hold together (1 GiB until it is said): outputs, and programs that were compiled for them.
 * Beyond it nothing more is begun, and the oldest go on until there is room; each lane may add one job's own bound to it.
 */
void engine_set_begun_bytes(struct engine *e, uint64_t bytes);
/* Keeps what compiles well, from now on; before the first job. 0 or -ENOMEM. */
int engine_set_cache(struct engine *e, const struct cache_config *config);
/* A place to run jobs: what they are made in, what its compilers are known by, and what can be run there. */
struct engine_home {
	struct backend *backend;	  /* with as many lanes as the one before */
	const struct cache_config *cache; /* NULL: nothing that was compiled is kept */
	const struct language_set *languages;
	unsigned cold; /* runners that are not to be used, as in planner_config */
};
/*
 * From now on jobs run there: those that come, and those that wait and whose languages it has as they were planned with.  What
 * has begun ends where it was begun, and so does what cannot be run elsewhere; never do more boxes run than there are lanes.
 * on_left, from the loop: no job needs the backend and the languages that were there before.
 */
int engine_switch(struct engine *e, const struct engine_home *to, void (*on_left)(void *user),
		  void *user);
/*
 * Cancels what is left, without on_done. The backend is to be freed next: the loop must not turn in
 * between, since boxes that end would report to jobs that are gone. Not from within on_done.
 */
void engine_free(struct engine *e);
int engine_submit(struct engine *e, const struct engine_order *order, struct job **ret,
		  struct err *err);
/* After on_next said to wait. */
void engine_clear(struct engine *e, struct job *job);
/* on_done still follows, from the loop: what ran is an internal error, the rest skipped. */
void engine_cancel(struct engine *e, struct job *job);

/* Jobs that will be begun before this one. */
unsigned engine_position(struct engine *e, const struct job *job);

struct engine_counts {
	unsigned waiting, begun, lanes, idle_lanes;
	unsigned lost_lanes;  /* those that a box cannot be begun in, now or ever */
	uint64_t begun_bytes; /* what those that have begun hold */
};
void engine_count(struct engine *e, struct engine_counts *ret);
/*
 * Boxes are counted here.  When a job has ended only who submitted it knows: what is tried again, or left for the next
 * life, has not. CANCELLED: by its client, so that what was killed or skipped for it is nobody's error.
 */
void engine_count_job(struct engine *e, enum verdict v, bool cancelled);
void engine_count_language(struct engine *e, const char *name);
/* Live as long as the engine. */
const struct counters *engine_counters(const struct engine *e);

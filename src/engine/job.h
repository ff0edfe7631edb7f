/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One submission on its way through the backend: its boxes, its budget, its result, and its life as
 * a table of states and events.  Private to the engine, which owns the queue and says when a lane
 * is free.
 *
 * The job owns the artefact of its compile step and the live stdin until a box has taken it;
 * results and kept output go into the submitter's arena, which bounds them.
 */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

#include "engine/cache.h"
#include "engine/counters.h"
#include "engine/engine.h"
#include "engine/queue.h"
#include "engine/talk.h"

enum job_state {
	JOB_TO_COMPILE, /* its compile box waits for a lane */
	JOB_COMPILING,
	JOB_CASES,  /* run boxes wait for lanes, or run */
	JOB_ENDING, /* no box is begun any more, some still run */
	JOB_OVER,   /* nothing runs: to be judged and told */
	JOB_STATES,
};

enum job_event {
	JOB_EV_LANE,  /* a lane is free for it */
	JOB_EV_GOOD,  /* one of its boxes ended: accepted */
	JOB_EV_BAD,   /* one of its boxes ended: anything else */
	JOB_EV_SPENT, /* its total_wall_ms is used up */
	JOB_EV_CANCEL,
	JOB_EVENTS,
};

/* The program, and its checker and interactor where there are such: what has a compile step is made before the first case. */
enum job_part { JOB_PROGRAM, JOB_CHECKER, JOB_INTERACTOR, JOB_PARTS };

struct job_talk;
TAILQ_HEAD(job_talks, job_talk);

struct job_made {
	const struct plan *plan;      /* of this part */
	const struct plan_step *step; /* NULL: nothing is compiled */
	struct case_result *result;
	bool *cached;
	int artefact_fd; /* owned, or -1 */
	uint64_t artefact_bytes;
	unsigned char cache_key[CACHE_KEY_BYTES];
};

struct job_box {
	struct job *job; /* NULL: free */
	const struct plan_step *step;
	struct case_result *result;
	uint64_t id, started_nsec; /* 0: not yet */
	struct job_talk *talk;	   /* it is one of two that talk; or NULL */
	enum talk_side side;
};

struct job {
	struct queue_place place; /* the engine's */
	enum job_state state;
	bool held;	   /* until engine_clear() */
	struct home *home; /* the engine's: whose backend and cache are the job's */
	sd_event *loop;	   /* borrowed from the engine, as the next two */
	struct backend *backend;
	void (*changed)(void *owner,
			struct job *j); /* it moved in a callback: look at it, from the loop */
	bool (*more)(void *owner);	/* whether other boxes wait for a lane */
	void *owner;
	struct counters *counters;
	struct cache *cache; /* borrowed, NULL: none */
	const char *tenant;  /* NULL: "". Lives as long as the job */
	struct job_made made[JOB_PARTS];
	uint64_t submitted_nsec;
	const struct plan *plan;
	struct arena *arena;
	struct job_events events;
	void *user;
	struct result result;
	int live_stdin_fd; /* owned, or -1 */
	size_t next_case, running;
	uint64_t spent_usec;	   /* wall time of the boxes that ended */
	size_t arena_before_bytes; /* of the arena, when it came */
	unsigned begun_kinds;	   /* a bit for each enum step_kind of which a box was begun */
	size_t *checks; /* the arena's: cases that wait for their checker, in the order of their ends */
	size_t nchecks, next_check;
	size_t nrepeats;    /* cases that wait to be run again */
	bool shared_budget; /* one of the running boxes ran beside another: its cap is too high */
	struct job_talks talks; /* owned */
	sd_event_source *timer; /* owned: stops them then */
	sd_event_source *late;	/* owned: it has to be begun by then */
	struct job_box boxes[]; /* backend->lanes of them */
};

struct job_config {
	sd_event *loop;
	struct backend *backend;
	void (*changed)(void *owner, struct job *j);
	bool (*more)(void *owner);
	void *owner;
	struct counters *counters;
	const char *tenant; /* NULL: "". Lives as long as the job */
	const struct plan *plan;
	struct arena *arena;
	const char *id;
	const struct job_events *events;
	void *user;
};

/* NULL: out of memory, or over the arena's bound. */
struct job *job_new(const struct job_config *c);
void job_free(struct job *j);

bool job_wants_lane(const struct job *j);
/* So many at once. */
unsigned job_lanes(const struct job *j);
/* Memory that it has taken since it came: outputs, results, what its compile step made. */
uint64_t job_held_bytes(const struct job *j);
/* It is its turn for the first time: whether it may begin. */
bool job_next(struct job *j);
void job_handle(struct job *j, enum job_event event);
/* In JOB_OVER: judges the whole and calls on_done. The job is to be freed next. */
void job_tell(struct job *j);

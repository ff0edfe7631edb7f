/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many jobs, few lanes: queue.c says whose turn it is.
 *
 * The backend calls us in the middle of its own work, so nothing is begun or told from within a
 * box's end: that only wakes a deferred source, which hands out lanes and tells finished jobs in a
 * turn of its own.  Submitters may therefore submit and cancel from on_done.
 */
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/job.h"

#define LATE_ACCURACY_USEC 10000u
#define BEGUN_MIN 8u /* jobs of one tenant and priority that may be half done, however few lanes */
#define BEGUN_BYTES (1ull << 30)

TAILQ_HEAD(job_list, job);

struct engine {
	struct backend *backend; /* borrowed */
	sd_event *loop;		 /* owned reference */
	sd_event_source *turn;	 /* owned */
	struct queue queue;
	struct job_list over;		  /* to be told */
	struct counters counters, unseen; /* unseen: of uncounted jobs, never told */
	struct cache *cache;		  /* owned, NULL: none */
	bool pool;
};

static void wake(struct engine *e)
{
	sd_event_source_set_enabled(e->turn, SD_EVENT_ONESHOT);
}

/* A job moved: it may be over, or want a lane. */
static void changed(void *user, struct job *j)
{
	struct engine *e = user;

	if (j->state == JOB_OVER && j->place.tenant) {
		loop_source_drop(&j->late);
		queue_remove(&e->queue, j);
		TAILQ_INSERT_TAIL(&e->over, j, place.link);
	} else {
		queue_weigh(&e->queue, j, job_held_bytes(j));
	}
	wake(e);
}

/* A deep queue wants throughput: whatever is made ahead then only costs. */
static bool more(void *user)
{
	struct engine *e = user;

	return !e->pool || queue_next(&e->queue);
}

void engine_set_pool(struct engine *e, bool on)
{
	e->pool = on;
}

void engine_set_begun_bytes(struct engine *e, uint64_t bytes)
{
	e->queue.held_max = bytes;
	wake(e);
}

/* Ends: each round uses a lane up or, where none is needed or can be had, a step of the job. */
static void hand_out_lanes(struct engine *e)
{
	struct job *j;

	while (e->backend->ops->idle_lanes(e->backend) > 0 && (j = queue_next(&e->queue))) {
		loop_source_drop(&j->late);
		if (!j->place.begun && !job_next(j)) {
			queue_begin(&e->queue, j);
			continue;
		}
		queue_took(&e->queue, j);
		job_handle(j, JOB_EV_LANE);
		if (j->state == JOB_OVER)
			changed(e, j);
		else
			queue_weigh(&e->queue, j, job_held_bytes(j));
	}
}

/* on_done may do anything but free the engine: look anew after each. */
static void tell_finished(struct engine *e)
{
	struct job *j;

	while ((j = TAILQ_FIRST(&e->over))) {
		TAILQ_REMOVE(&e->over, j, place.link);
		job_tell(j);
		job_free(j);
	}
}

static int on_turn(sd_event_source *s, void *user)
{
	struct engine *e = user;

	hand_out_lanes(e); /* first, so that lanes work while results are being encoded */
	tell_finished(e);
	return 0;
}

static void on_idle(void *user)
{
	hand_out_lanes(user);
}

void engine_attach(struct engine *e)
{
	e->backend->ops->on_idle(e->backend, on_idle, e);
}

int engine_new(sd_event *loop, struct backend *backend, struct engine **ret)
{
	struct engine *e = calloc(1, sizeof(*e));
	unsigned begun_max = 4 * backend->lanes;
	int r;

	if (!e)
		return -ENOMEM;
	queue_init(&e->queue, begun_max < BEGUN_MIN ? BEGUN_MIN : begun_max, BEGUN_BYTES);
	TAILQ_INIT(&e->over);
	e->backend = backend;
	e->loop = sd_event_ref(loop);
	r = sd_event_add_defer(loop, &e->turn, on_turn, e);
	if (r >= 0)
		r = sd_event_source_set_priority(e->turn, SD_EVENT_PRIORITY_IMPORTANT);
	if (r >= 0)
		r = sd_event_source_set_enabled(e->turn, SD_EVENT_OFF);
	if (r < 0) {
		engine_free(e);
		return r;
	}
	engine_attach(e);
	*ret = e;
	return 0;
}

void engine_free(struct engine *e)
{
	struct job *j;

	if (!e)
		return;
	while ((j = queue_any(&e->queue))) {
		queue_remove(&e->queue, j);
		job_handle(j, JOB_EV_CANCEL);
		job_free(j);
	}
	while ((j = TAILQ_FIRST(&e->over))) {
		TAILQ_REMOVE(&e->over, j, place.link);
		job_free(j);
	}
	e->backend->ops->on_idle(e->backend, NULL, NULL);
	loop_source_drop(&e->turn);
	sd_event_unref(e->loop);
	cache_free(e->cache);
	free(e);
}

static int on_late(sd_event_source *s, uint64_t usec, void *user)
{
	struct job *j = user;

	j->result.refused = "Internal error: the job was not begun before its deadline.";
	job_handle(j, JOB_EV_CANCEL);
	changed(j->owner, j);
	return 0;
}

static int put(struct engine *e, const struct engine_order *o, struct job *j)
{
	const struct queue_order place = { o->tenant, o->tenant_boxes, o->priority };
	int r = 0;

	if (o->begin_ms)
		r = sd_event_add_time_relative(e->loop, &j->late, CLOCK_MONOTONIC,
					       o->begin_ms * 1000, LATE_ACCURACY_USEC, on_late, j);
	return r < 0 ? r : queue_put(&e->queue, j, &place);
}

int engine_submit(struct engine *e, const struct engine_order *o, struct job **ret, struct err *err)
{
	struct job_config config = {
		.loop = e->loop,
		.backend = e->backend,
		.changed = changed,
		.more = more,
		.owner = e,
		.counters = o->uncounted ? &e->unseen : &e->counters,
		.cache = e->cache,
		.tenant = o->tenant,
		.plan = o->plan,
		.arena = o->arena,
		.id = o->id,
		.events = o->events,
		.user = o->user,
	};
	struct job *j = job_new(&config);
	int r = j ? put(e, o, j) : -ENOMEM;

	if (r < 0) {
		job_free(j);
		if (o->live_stdin_fd >= 0)
			close(o->live_stdin_fd);
		return err_set(err, r, "make a job");
	}
	j->live_stdin_fd = o->live_stdin_fd;
	*ret = j;
	changed(e, j);
	return 0;
}

void engine_clear(struct engine *e, struct job *j)
{
	j->held = false;
	wake(e);
}

void engine_cancel(struct engine *e, struct job *j)
{
	job_handle(j, JOB_EV_CANCEL);
	changed(e, j);
}

unsigned engine_position(struct engine *e, const struct job *j)
{
	return queue_position(&e->queue, j);
}

void engine_count(struct engine *e, struct engine_counts *ret)
{
	*ret = (struct engine_counts){ .waiting = e->queue.waiting,
				       .begun = e->queue.begun,
				       .begun_bytes = e->queue.held_bytes,
				       .lanes = e->backend->lanes,
				       .idle_lanes = e->backend->ops->idle_lanes(e->backend) };
}

void engine_count_job(struct engine *e, enum verdict v, bool cancelled)
{
	bool judged = v != VERDICT_INTERNAL_ERROR && v != VERDICT_SKIPPED;

	e->counters.jobs[cancelled && !judged ? COUNTERS_CANCELLED : (size_t)v]++;
}

void engine_count_language(struct engine *e, const char *name)
{
	counters_language(&e->counters, name);
}

const struct counters *engine_counters(const struct engine *e)
{
	return &e->counters;
}

int engine_set_cache(struct engine *e, const struct cache_config *config)
{
	struct cache *c = cache_new(config);

	if (!c)
		return -ENOMEM;
	cache_free(e->cache);
	e->cache = c;
	return 0;
}

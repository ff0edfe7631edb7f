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
#include "engine/home.h"
#include "engine/job.h"

#define LATE_ACCURACY_USEC 10000u
#define BEGUN_MIN 8u /* jobs of one tenant and priority that may be half done, however few lanes */
#define BEGUN_BYTES (1ull << 30)

TAILQ_HEAD(job_list, job);

struct engine {
	struct homes homes;    /* owned; never none */
	sd_event *loop;	       /* owned reference */
	sd_event_source *turn; /* owned */
	struct queue queue;
	struct job_list over;		  /* to be told */
	struct counters counters, unseen; /* unseen: of uncounted jobs, never told */
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

/*
 * Who needs two lanes at once waits for them at the head: nobody overtakes him, else there might never be two.  Boxes end, so
 * there will be, unless lanes are lost; then he is told.
 */
static struct job *next_job(struct engine *e)
{
	unsigned idle = homes_free_lanes(&e->homes), there = homes_lanes(&e->homes), need;
	struct job *j = idle > 0 ? queue_next(&e->queue) : NULL;

	if (!j)
		return NULL;
	need = job_lanes(j);
	return idle >= (need < there ? need : there) ? j : NULL;
}

/* Ends: each round uses a lane up or, where none is needed or can be had, a step of the job. */
static void hand_out_lanes(struct engine *e)
{
	struct job *j;

	while ((j = next_job(e))) {
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

static void end_job(struct job *j)
{
	home_move(j, NULL);
	job_free(j);
}

/* on_done may do anything but free the engine: look anew after each. */
static void tell_finished(struct engine *e)
{
	struct job *j;

	while ((j = TAILQ_FIRST(&e->over))) {
		TAILQ_REMOVE(&e->over, j, place.link);
		job_tell(j);
		end_job(j);
	}
}

/* Those that nobody comes to any more, when the last job has left. */
static void leave_homes(struct engine *e)
{
	struct home *next, *h = TAILQ_NEXT(TAILQ_FIRST(&e->homes), link);

	for (; h; h = next) {
		next = TAILQ_NEXT(h, link);
		if (h->jobs > 0)
			continue;
		TAILQ_REMOVE(&e->homes, h, link);
		h->backend->ops->on_idle(h->backend, NULL, NULL);
		h->on_left(h->user);
		home_free(h);
		wake(e); /* a lane of it may have been busy with its own tidying up: it counts no more */
	}
}

static int on_turn(sd_event_source *s, void *user)
{
	struct engine *e = user;

	hand_out_lanes(e); /* first, so that lanes work while results are being encoded */
	tell_finished(e);
	leave_homes(e);
	return 0;
}

static void on_idle(void *user)
{
	struct engine *e = user;

	homes_tell(&e->homes);
	hand_out_lanes(e);
}

void engine_attach(struct engine *e)
{
	struct home *h;

	for (h = TAILQ_FIRST(&e->homes); h; h = TAILQ_NEXT(h, link))
		h->backend->ops->on_idle(h->backend, on_idle, e);
}

/* A job that waits goes where new ones go, if it can be run there. */
static void move_in(void *user, struct job *j)
{
	struct home *h = user;

	if (home_fits(h, j->plan))
		home_move(j, h);
}

int engine_switch(struct engine *e, const struct engine_home *to, void (*on_left)(void *user),
		  void *user)
{
	struct home *from = TAILQ_FIRST(&e->homes), *h;

	if (to->backend->lanes != from->backend->lanes)
		return -EINVAL;
	h = home_new(to);
	if (!h)
		return -ENOMEM;
	from->on_left = on_left;
	from->user = user;
	TAILQ_INSERT_HEAD(&e->homes, h, link);
	engine_attach(e);
	queue_each_waiting(&e->queue, move_in, h);
	wake(e);
	return 0;
}

int engine_new(sd_event *loop, struct backend *backend, struct engine **ret)
{
	struct engine *e = calloc(1, sizeof(*e));
	struct home *h = home_new(&(struct engine_home){ .backend = backend });
	unsigned begun_max = 4 * backend->lanes;
	int r;

	if (!e || !h) {
		home_free(h);
		free(e);
		return -ENOMEM;
	}
	queue_init(&e->queue, begun_max < BEGUN_MIN ? BEGUN_MIN : begun_max, BEGUN_BYTES);
	TAILQ_INIT(&e->over);
	TAILQ_INIT(&e->homes);
	TAILQ_INSERT_HEAD(&e->homes, h, link);
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
	struct home *h;
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
	while ((h = TAILQ_FIRST(&e->homes))) {
		TAILQ_REMOVE(&e->homes, h, link);
		h->backend->ops->on_idle(h->backend, NULL, NULL);
		home_free(h);
	}
	loop_source_drop(&e->turn);
	sd_event_unref(e->loop);
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

/*
 * What was planned before the engine moved may fit only where it was planned for.  Where that has been left meanwhile,
 * which takes a language that went away while the job was being written to disk, it ends as an internal error.
 */
static struct home *home_for(struct engine *e, const struct plan *plan)
{
	struct home *h = TAILQ_FIRST(&e->homes);

	while (h && !home_fits(h, plan))
		h = TAILQ_NEXT(h, link);
	return h ? h : TAILQ_FIRST(&e->homes);
}

int engine_submit(struct engine *e, const struct engine_order *o, struct job **ret, struct err *err)
{
	struct home *h = home_for(e, o->plan);
	struct job_config config = {
		.loop = e->loop,
		.backend = h->backend,
		.changed = changed,
		.more = more,
		.owner = e,
		.counters = o->uncounted ? &e->unseen : &e->counters,
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
	home_move(j, h);
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
	unsigned lanes = TAILQ_FIRST(&e->homes)->backend->lanes;
	unsigned lost = lanes - homes_lanes(&e->homes) + homes_stuck(&e->homes);

	*ret = (struct engine_counts){ .waiting = e->queue.waiting,
				       .begun = e->queue.begun,
				       .begun_bytes = e->queue.held_bytes,
				       .lanes = lanes,
				       .lost_lanes = lost < lanes ? lost : lanes,
				       .idle_lanes = homes_free_lanes(&e->homes) };
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
	struct home *h = TAILQ_FIRST(&e->homes);
	struct cache *c = cache_new(config);

	if (!c)
		return -ENOMEM;
	cache_free(h->cache);
	h->cache = c;
	return 0;
}

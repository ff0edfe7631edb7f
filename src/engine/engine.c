/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many jobs, few lanes.  Jobs stand in one ring: whoever is served goes to its end, so each free
 * lane goes to the job that waited longest since its last box, a thousand cases hold nobody up, and
 * a job that is alone gets every lane.
 *
 * The backend calls us in the middle of its own work, so nothing is begun or told from within a
 * box's end: that only wakes a deferred source, which hands out lanes and tells finished jobs in a
 * turn of its own.  Submitters may therefore submit and cancel from on_done.
 */
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/job.h"

TAILQ_HEAD(job_ring, job);

struct engine {
	struct backend *backend; /* borrowed */
	sd_event *loop;		 /* owned reference */
	sd_event_source *turn;	 /* owned */
	struct job_ring ring;
	bool pool;
};

static void wake(void *user)
{
	struct engine *e = user;

	sd_event_source_set_enabled(e->turn, SD_EVENT_ONESHOT);
}

static struct job *next_in_ring(struct engine *e)
{
	struct job *j;

	TAILQ_FOREACH(j, &e->ring, queue)
	if (job_wants_lane(j))
		return j;
	return NULL;
}

/* A deep queue wants throughput: whatever is made ahead then only costs. */
static bool more(void *user)
{
	struct engine *e = user;

	return !e->pool || next_in_ring(e);
}

void engine_set_pool(struct engine *e, bool on)
{
	e->pool = on;
}

/* Ends: every turn of the loop uses a lane up or, where no box can be made, a step of the job. */
static void hand_out_lanes(struct engine *e)
{
	struct job *j;

	while (e->backend->ops->idle_lanes(e->backend) > 0 && (j = next_in_ring(e))) {
		TAILQ_REMOVE(&e->ring, j, queue);
		TAILQ_INSERT_TAIL(&e->ring, j, queue);
		job_handle(j, JOB_EV_LANE);
		if (j->state == JOB_OVER)
			wake(e);
	}
}

/* on_done may change the ring in any way but freeing the engine: look anew after each. */
static void tell_finished(struct engine *e)
{
	struct job *j, *next;

	for (j = TAILQ_FIRST(&e->ring); j; j = next) {
		next = TAILQ_NEXT(j, queue);
		if (j->state != JOB_OVER)
			continue;
		TAILQ_REMOVE(&e->ring, j, queue);
		job_tell(j);
		job_free(j);
		next = TAILQ_FIRST(&e->ring);
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
	int r;

	if (!e)
		return -ENOMEM;
	TAILQ_INIT(&e->ring);
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
	while ((j = TAILQ_FIRST(&e->ring))) {
		TAILQ_REMOVE(&e->ring, j, queue);
		job_handle(j, JOB_EV_CANCEL);
		job_free(j);
	}
	e->backend->ops->on_idle(e->backend, NULL, NULL);
	loop_source_drop(&e->turn);
	sd_event_unref(e->loop);
	free(e);
}

int engine_submit(struct engine *e, const struct plan *plan, struct arena *arena, const char *id,
		  int live_stdin_fd, const struct job_events *events, void *user, struct job **ret,
		  struct err *err)
{
	struct job_config config = {
		.loop = e->loop,
		.backend = e->backend,
		.changed = wake,
		.more = more,
		.owner = e,
		.plan = plan,
		.arena = arena,
		.id = id,
		.events = events,
		.user = user,
	};
	struct job *j = job_new(&config);

	if (!j) {
		if (live_stdin_fd >= 0)
			close(live_stdin_fd);
		return err_set(err, ENOMEM, "make a job");
	}
	j->live_stdin_fd = live_stdin_fd;
	TAILQ_INSERT_TAIL(&e->ring, j, queue);
	*ret = j;
	wake(e);
	return 0;
}

void engine_cancel(struct engine *e, struct job *job)
{
	job_handle(job, JOB_EV_CANCEL);
	wake(e);
}

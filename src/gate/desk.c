/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See desk.h.  Everything that is told is told from one deferred source: first answers, then events, then those
 * jobs are forgotten that nobody needs any more.  So callers are never called from within their own calls, and what
 * they were handed lives until then.
 */
#include "gate/desk.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gate/desk_parts.h"

#define TICK_USEC 1000000u /* how often places in the queue are told, where they changed */
#define TICK_JOBS 500u	   /* of so many jobs at most */
#define JOB_BYTES (256ull << 20)

void desk_wake(struct desk *d)
{
	sd_event_source_set_enabled(d->turn, SD_EVENT_ONESHOT);
}

static int on_turn(sd_event_source *s, void *user)
{
	struct desk *d = user;

	desk_submit_answer(d);
	desk_events_tell(d);
	desk_store_evict(d);
	if (d->draining && d->on_empty && d->nlive == d->nleft && TAILQ_EMPTY(&d->pendings)) {
		void (*on_empty)(void *) = d->on_empty;

		d->on_empty = NULL;
		on_empty(d->empty_user);
	}
	return 0;
}

static int on_tick(sd_event_source *s, uint64_t usec, void *user)
{
	struct desk *d = user;
	struct desk_job *j;
	unsigned n = 0;

	desk_store_evict(d);
	for (j = TAILQ_FIRST(&d->live); j && n < TICK_JOBS; j = TAILQ_NEXT(j, link)) {
		if (j->stage != STAGE_QUEUED || j->begun || TAILQ_EMPTY(&j->watches))
			continue;
		desk_events_position(j);
		n++;
	}
	sd_event_source_set_time_relative(s, TICK_USEC);
	sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
	return 0;
}

int desk_new(const struct desk_config *c, struct desk **ret, struct err *err)
{
	struct desk *d = calloc(1, sizeof(*d));
	int r;

	if (!d || sodium_init() < 0) {
		free(d);
		return err_set(err, ENOMEM, "make the desk");
	}
	d->config = *c;
	if (!d->config.job_bytes)
		d->config.job_bytes = JOB_BYTES;
	TAILQ_INIT(&d->live);
	TAILQ_INIT(&d->over);
	TAILQ_INIT(&d->dirty);
	TAILQ_INIT(&d->pendings);
	TAILQ_INIT(&d->owners);
	r = sd_event_add_defer(c->loop, &d->turn, on_turn, d);
	if (r >= 0)
		r = sd_event_source_set_enabled(d->turn, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_time_relative(c->loop, &d->tick, CLOCK_MONOTONIC, TICK_USEC, 0,
					       on_tick, d);
	if (r < 0) {
		desk_free(d);
		return err_set(err, r, "make the desk");
	}
	*ret = d;
	return 0;
}

void desk_rebound(struct desk *d, const struct desk_config *c)
{
	d->config.queue_max = c->queue_max;
	d->config.queue_bytes = c->queue_bytes;
	d->config.body_bytes_max = c->body_bytes_max;
	d->config.history_bytes = c->history_bytes;
	d->config.kept_bytes = c->kept_bytes;
	d->config.keep_sec = c->keep_sec;
	d->config.job_bytes = c->job_bytes ? c->job_bytes : JOB_BYTES;
	desk_wake(d);
}

void desk_free(struct desk *d)
{
	struct desk_pending *p;
	struct desk_job *j;

	if (!d)
		return;
	while ((p = TAILQ_FIRST(&d->pendings))) {
		TAILQ_REMOVE(&d->pendings, p, link);
		free(p);
	}
	while ((j = TAILQ_FIRST(&d->live)))
		desk_store_free(j);
	while ((j = TAILQ_FIRST(&d->over)))
		desk_store_free(j);
	loop_source_drop(&d->turn);
	loop_source_drop(&d->tick);
	free(d);
}

/* Those that are in the journal and have not begun wait there. */
void desk_drain(struct desk *d, void (*on_empty)(void *user), void *user)
{
	struct desk_job *j, *next;

	d->draining = true;
	d->on_empty = on_empty;
	d->empty_user = user;
	for (j = TAILQ_FIRST(&d->live); j; j = next) {
		next = TAILQ_NEXT(j, link);
		if (!j->durable || j->begun || j->left)
			continue;
		j->left = true;
		if (j->stage == STAGE_QUEUED)
			engine_cancel(d->config.engine, j->job);
		else if (j->stage == STAGE_RETRY)
			desk_life_leave(j);
	}
	desk_wake(d);
}

/* ---- one job ---- */

struct desk_job *desk_find(struct desk *d, const char *tenant, const char *id)
{
	struct desk_job *j = desk_store_by_id(d, tenant, id);

	return j && j->stage != STAGE_STORING ? j : NULL; /* nobody was promised it yet */
}

const char *desk_job_id(const struct desk_job *j)
{
	return j->id;
}

enum desk_state desk_job_state(const struct desk_job *j, unsigned *ret_position)
{
	if (ret_position)
		*ret_position = j->stage == STAGE_QUEUED && !j->begun
					? engine_position(j->desk->config.engine, j->job)
					: 0;
	if (j->stage == STAGE_OVER)
		return DESK_OVER;
	return j->begun ? DESK_RUNNING : DESK_WAITING;
}

const char *desk_job_result(const struct desk_job *j, size_t *ret_len)
{
	if (j->stage != STAGE_OVER)
		return NULL;
	*ret_len = j->result_len;
	return j->result;
}

void desk_count(const struct desk *d, struct desk_counts *ret)
{
	struct engine_counts e;

	engine_count(d->config.engine, &e);
	*ret = (struct desk_counts){ .running = e.begun,
				     .waiting = e.waiting,
				     .over = d->nover,
				     .lanes = e.lanes,
				     .idle_lanes = e.idle_lanes,
				     .watchers = d->nwatches,
				     .kept_bytes = d->kept_bytes,
				     .queued_bytes = d->queued_bytes };
}

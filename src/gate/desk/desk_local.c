/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See desk_local.h.  Everything that is told is told from one deferred source: first answers, then events, then those
 * jobs are forgotten that nobody needs any more.  So callers are never called from within their own calls, and what
 * they were handed lives until then.
 */
#include "gate/desk/desk_local.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/counters.h"
#include "gate/desk/desk_decode.h"
#include "gate/desk/desk_parts.h"

#define TICK_USEC 1000000u /* how often places in the queue are told, where they changed */
#define TICK_JOBS 500u	   /* of so many jobs at most */
#define JOB_BYTES (256ull << 20)

void desk_wake(struct local_desk *d)
{
	sd_event_source_set_enabled(d->turn, SD_EVENT_ONESHOT);
}

static int on_turn(sd_event_source *s, void *user)
{
	struct local_desk *d = user;

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
	struct local_desk *d = user;
	struct local_job *j;
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

/* ---- one job ---- */

struct desk_job *desk_local_find(struct desk *d, const char *tenant, const char *id)
{
	struct local_job *j = desk_store_find(local_desk(d), tenant, id);

	return j ? &j->base : NULL;
}

static const char *job_id(const struct desk_job *j)
{
	return local_job(j)->id;
}

static enum desk_state job_state(const struct desk_job *job, unsigned *ret_position)
{
	const struct local_job *j = local_job(job);

	if (ret_position)
		*ret_position = j->stage == STAGE_QUEUED && !j->begun
					? engine_position(j->desk->config.engine, j->job)
					: 0;
	if (j->stage == STAGE_OVER)
		return DESK_OVER;
	return j->begun ? DESK_RUNNING : DESK_WAITING;
}

static const char *job_result(const struct desk_job *job, size_t *ret_len)
{
	const struct local_job *j = local_job(job);

	if (j->stage != STAGE_OVER)
		return NULL;
	*ret_len = j->result_len;
	return j->result;
}

static void cancel(struct desk_job *j)
{
	desk_life_cancel((struct local_job *)j);
}

/* ---- counts ---- */

static void count(const struct desk *desk, struct desk_counts *ret)
{
	const struct local_desk *d = (const struct local_desk *)desk;
	struct engine_counts e;

	engine_count(d->config.engine, &e);
	*ret = (struct desk_counts){ .running = e.begun,
				     .waiting = e.waiting,
				     .over = d->nover,
				     .lanes = e.lanes,
				     .idle_lanes = e.idle_lanes,
				     .lost_lanes = e.lost_lanes,
				     .watchers = d->nwatches,
				     .begun_bytes = e.begun_bytes,
				     .kept_bytes = d->kept_bytes,
				     .queued_bytes = d->queued_bytes };
}

struct walk {
	FILE *to;
	const char *family; /* the one whose help was printed last */
};

static void print_sample(void *user, const struct counters_sample *s)
{
	struct walk *w = user;

	if (!w->family || strcmp(w->family, s->family) != 0)
		fprintf(w->to, "# HELP %s %s\n# TYPE %s %s\n", s->family, s->help, s->family,
			s->type);
	w->family = s->family;
	fprintf(w->to, "%s%s%s%s%s %.17g\n", s->family, s->suffix, *s->labels ? "{" : "", s->labels,
		*s->labels ? "}" : "", s->value);
}

static void print_metrics(const struct desk *desk, FILE *to)
{
	const struct local_desk *d = (const struct local_desk *)desk;
	struct walk walk = { .to = to };

	counters_walk(engine_counters(d->config.engine), print_sample, &walk);
}

/* It had lanes, or it was not made. */
static const char *not_ready(const struct desk *desk)
{
	const struct local_desk *d = (const struct local_desk *)desk;
	struct engine_counts e;

	engine_count(d->config.engine, &e);
	return e.lost_lanes < e.lanes
		       ? NULL
		       : "no lane is left: processes of their last boxes do not die, or lanes cannot be made anew";
}

/* ---- life ---- */

static void destroy(struct desk *desk)
{
	struct local_desk *d = local_desk(desk);
	struct desk_pending *p;
	struct local_job *j;

	desk_decoder_free(d->decoder);
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
static void drain(struct desk *desk, void (*on_empty)(void *user), void *user)
{
	struct local_desk *d = local_desk(desk);
	struct local_job *j, *next;

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

static const struct desk_ops ops = {
	.drain = drain,
	.free = destroy,
	.submit = desk_submit_ask,
	.forget = desk_submit_forget,
	.lookup = desk_submit_look,
	.job_id = job_id,
	.job_state = job_state,
	.job_result = job_result,
	.watch = desk_events_watch,
	.unwatch = desk_events_unwatch,
	.cancel = cancel,
	.count = count,
	.print_metrics = print_metrics,
	.not_ready = not_ready,
};

int desk_local_new(const struct desk_config *c, struct desk **ret, struct err *err)
{
	struct local_desk *d = calloc(1, sizeof(*d));
	int r;

	if (!d || sodium_init() < 0) {
		free(d);
		return err_set(err, ENOMEM, "make the desk");
	}
	d->base.ops = &ops;
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
	if (r >= 0)
		r = desk_decoder_new(c->loop, desk_submit_decoded, &d->decoder);
	if (r < 0) {
		destroy(&d->base);
		return err_set(err, r, "make the desk");
	}
	*ret = &d->base;
	return 0;
}

void desk_local_rebound(struct desk *desk, const struct desk_config *c)
{
	struct local_desk *d = local_desk(desk);

	d->config.queue_max = c->queue_max;
	d->config.queue_bytes = c->queue_bytes;
	d->config.body_bytes_max = c->body_bytes_max;
	d->config.history_bytes = c->history_bytes;
	d->config.kept_bytes = c->kept_bytes;
	d->config.keep_sec = c->keep_sec;
	d->config.job_bytes = c->job_bytes ? c->job_bytes : JOB_BYTES;
	desk_wake(d);
}

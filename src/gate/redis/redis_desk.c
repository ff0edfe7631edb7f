/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redis_desk.h.  Three connections: one for commands, one that blocks on streams of events, one that listens for
 * the ends of jobs.  As on the local desk all answers and results are told from one deferred source; events are told
 * as they are read.
 */
#include "gate/redis/redis_desk.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "gate/redis/redis_desk_parts.h"

#define TICK_USEC 250000u
#define POLL_MS 500u
#define CHECK_MS 10000u /* for what no notice came of */
#define REPLY_MS 5000u	/* then Redis is away, and clients are told so */
#define RETRY_MS_MAX 1000u

void redis_desk_wake(struct redis_desk *d)
{
	sd_event_source_set_enabled(d->turn, SD_EVENT_ONESHOT);
}

/* Whoever may connect may still not be allowed everything; said once for each connection. */
void redis_desk_complain(struct redis_desk *d, const char *what, const redisReply *reply)
{
	if (reply && !d->complained)
		log_event(LOG_LEVEL_ERROR, "queue %s: %s: %s", d->config.queue, what,
			  redis_error(reply));
	d->complained = d->complained || reply;
}

/* ---- turns ---- */

static bool awaited(const struct redis_desk *d)
{
	const struct redis_job *j;

	for (j = TAILQ_FIRST(&d->jobs); j; j = TAILQ_NEXT(j, link))
		if (j->sync && !TAILQ_EMPTY(&j->watches))
			return true;
	return !TAILQ_EMPTY(&d->calls);
}

static int on_turn(sd_event_source *s, void *user)
{
	struct redis_desk *d = user;
	struct redis_job *j;

	redis_call_tell(d);
	while ((j = TAILQ_FIRST(&d->touched))) {
		TAILQ_REMOVE(&d->touched, j, touch);
		j->touched = false;
		redis_job_turn(j);
	}
	if (d->draining && d->on_empty && !awaited(d)) {
		void (*on_empty)(void *) = d->on_empty;

		d->on_empty = NULL;
		on_empty(d->empty_user);
	}
	return 0;
}

/* A notice may have been missed, and a link may have broken in the middle of an answer. */
static void check_all(struct redis_desk *d)
{
	struct redis_job *j;

	d->checked_nsec = clock_now_nsec();
	for (j = TAILQ_FIRST(&d->jobs); j; j = TAILQ_NEXT(j, link)) {
		redis_job_touch(j);
		if (!TAILQ_EMPTY(&j->watches))
			redis_job_check(j);
	}
}

static int on_tick(sd_event_source *s, uint64_t usec, void *user)
{
	struct redis_desk *d = user;
	uint64_t now = clock_now_nsec();

	if (redis_link_up(d->commands)) {
		if (now - d->polled_nsec >= POLL_MS * NSEC_PER_MSEC)
			redis_state_poll(d);
		if (now - d->checked_nsec >= CHECK_MS * NSEC_PER_MSEC)
			check_all(d);
		redis_events_read(d);
	}
	sd_event_source_set_time_relative(s, TICK_USEC);
	sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
	return 0;
}

/* ---- links ---- */

static void on_commands_up(void *user)
{
	struct redis_desk *d = user;

	log_event(LOG_LEVEL_INFO, "queue %s: connected", d->config.queue);
	d->complained = false;
	redis_state_poll(d);
	check_all(d);
}

static void on_commands_down(void *user, const struct err *why, unsigned tries)
{
	struct redis_desk *d = user;

	d->polling = false;
	if (tries == 1)
		log_event(LOG_LEVEL_WARNING, "queue %s: not connected: %s", d->config.queue,
			  why->text);
}

static void on_reads_up(void *user)
{
	redis_events_read(user);
}

static void on_listener_up(void *user)
{
	struct redis_desk *d = user;

	redis_link_ask(d->listener, NULL, NULL, "SUBSCRIBE %s",
		       queue_key(d->config.queue, "done", NULL).text);
}

static void on_done(struct redis_desk *d, const redisReply *id)
{
	struct redis_job *j = id->type == REDIS_REPLY_STRING ? redis_job_by_id(d, id->str) : NULL;

	d->ended++;
	if (!j)
		return;
	j->hint = true;
	if (!TAILQ_EMPTY(&j->watches))
		redis_job_check(j);
}

/* What was said before we listened is asked for. */
static void on_push(void *user, const redisReply *r)
{
	if (!redis_ok(r))
		redis_desk_complain(user, "cannot listen for the ends of jobs", r);
	if (r->type != REDIS_REPLY_ARRAY || r->elements != 3)
		return;
	if (redis_is(r->element[0], "message"))
		on_done(user, r->element[2]);
	else if (redis_is(r->element[0], "subscribe"))
		check_all(user);
}

static int open_links(struct redis_desk *d, struct err *err)
{
	const struct queue_key key = queue_jobs(d->config.queue, 1);
	struct redis_link_config c = { .loop = d->config.loop,
				       .url = d->config.url,
				       .key = key.text,
				       .ca_file = d->config.ca_file,
				       .name = "kodewar-gate",
				       .reply_ms = REPLY_MS,
				       .retry_ms_max = RETRY_MS_MAX,
				       .user = d };
	int r;

	c.on_up = on_commands_up;
	c.on_down = on_commands_down;
	r = redis_link_new(&c, &d->commands, err);
	if (r < 0)
		return r;
	c.on_up = on_reads_up;
	c.on_down = NULL;
	r = redis_link_new(&c, &d->reads, err);
	if (r < 0)
		return r;
	c.on_up = on_listener_up;
	c.on_push = on_push;
	return redis_link_new(&c, &d->listener, err);
}

/* ---- jobs, as the gate sees them ---- */

static const char *job_id(const struct desk_job *j)
{
	return ((const struct redis_job *)j)->id;
}

static enum desk_state job_state(const struct desk_job *job, unsigned *ret_position)
{
	const struct redis_job *j = (const struct redis_job *)job;

	if (ret_position)
		*ret_position = j->position;
	return j->state;
}

static const char *job_result(const struct desk_job *job, size_t *ret_len)
{
	const struct redis_job *j = (const struct redis_job *)job;

	if (j->result)
		*ret_len = j->result_len;
	return j->result;
}

/* ---- life ---- */

static void drain(struct desk *desk, void (*on_empty)(void *user), void *user)
{
	struct redis_desk *d = redis_desk(desk);

	d->draining = true;
	d->on_empty = on_empty;
	d->empty_user = user;
	redis_desk_wake(d);
}

/* Links first: then nobody is called back any more. */
static void destroy(struct desk *desk)
{
	struct redis_desk *d = redis_desk(desk);
	struct redis_job *j;

	redis_link_free(d->commands);
	redis_link_free(d->reads);
	redis_link_free(d->listener);
	d->commands = d->reads = d->listener = NULL;
	while (!TAILQ_EMPTY(&d->calls))
		redis_call_free(TAILQ_FIRST(&d->calls));
	while ((j = TAILQ_FIRST(&d->jobs)))
		redis_job_free(j);
	redis_job_leave_done(d);
	loop_source_drop(&d->turn);
	loop_source_drop(&d->tick);
	free(d);
}

static const struct desk_ops ops = {
	.drain = drain,
	.free = destroy,
	.submit = redis_desk_submit,
	.forget = redis_call_forget,
	.lookup = redis_call_lookup,
	.job_id = job_id,
	.job_state = job_state,
	.job_result = job_result,
	.watch = redis_job_watch,
	.unwatch = redis_job_unwatch,
	.cancel = redis_job_cancel,
	.count = redis_state_count,
	.print_metrics = redis_state_print,
	.not_ready = redis_state_not_ready,
};

static int start(struct redis_desk *d, struct err *err)
{
	sd_event *loop = d->config.loop;
	int r = sd_event_add_defer(loop, &d->turn, on_turn, d);

	if (r >= 0)
		r = sd_event_source_set_enabled(d->turn, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_time_relative(loop, &d->tick, CLOCK_MONOTONIC, TICK_USEC, 0,
					       on_tick, d);
	return r < 0 ? err_set(err, r, "make the desk") : open_links(d, err);
}

int redis_desk_new(const struct redis_desk_config *c, struct desk **ret, struct err *err)
{
	struct redis_desk *d = calloc(1, sizeof(*d));
	int r;

	if (!d || sodium_init() < 0) {
		free(d);
		return err_set(err, ENOMEM, "make the desk");
	}
	d->base.ops = &ops;
	d->config = *c;
	TAILQ_INIT(&d->jobs);
	TAILQ_INIT(&d->touched);
	TAILQ_INIT(&d->followed);
	TAILQ_INIT(&d->calls);
	LIST_INIT(&d->leaves);
	r = start(d, err);
	if (r < 0) {
		destroy(&d->base);
		return r;
	}
	*ret = &d->base;
	return 0;
}

void redis_desk_rebound(struct desk *desk, const struct redis_desk_config *c)
{
	struct redis_desk *d = redis_desk(desk);

	d->config.queue_max = c->queue_max;
	d->config.workers_min = c->workers_min;
	d->config.body_bytes_max = c->body_bytes_max;
	d->config.job_bytes = c->job_bytes;
	d->config.keep_ms = c->keep_ms;
}

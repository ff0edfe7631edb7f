/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Celery worker's links and its beat.  One link for commands, one to listen to broadcasts, one bell per list, one to the
 * result backend, maybe one to the application's cache: what blocks never holds up what must not.  Whatever did not
 * get through is tried again at a beat.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "gate/celery/celery_private.h"

#define BEATS_OF_A_SECOND 4
#define BEATS_OF_A_HEART 8 /* two seconds, as Celery's workers */

/* ---- links ---- */

static void on_down(void *user, const struct err *why, unsigned tries)
{
	struct celery_worker *w = user;

	if (tries == 1)
		log_event(w->ready ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, "celery: redis: %s",
			  why->text);
}

static void on_up(void *user)
{
	struct celery_worker *w = user;

	if (!redis_link_up(w->broker) || !redis_link_up(w->backend))
		return;
	celery_tell_worker(w, "worker-online");
	celery_take(w);
	if (!w->ready && w->config.on_ready)
		w->config.on_ready(w->config.user);
	w->ready = true;
}

static void on_cache_up(void *user)
{
}

static void on_ears_up(void *user)
{
	struct celery_worker *w = user;

	redis_link_ask(w->ears, NULL, NULL, "SUBSCRIBE %scelery.pidbox", w->fanout);
}

static void on_push(void *user, const redisReply *reply)
{
	celery_control_push(user, reply);
}

static int open_link(struct celery_worker *w, const struct redis_url *url, const char *name,
		     void (*up)(void *user), struct redis_link **ret, struct err *err)
{
	const struct redis_link_config c = {
		.loop = w->config.loop,
		.url = url,
		.ca_file = w->config.ca_file,
		.name = name,
		.on_up = up,
		.on_down = on_down,
		.on_push = up == on_ears_up ? on_push : NULL,
		.user = w,
	};

	return redis_link_new(&c, ret, err);
}

static int open_links(struct celery_worker *w, struct err *err)
{
	const struct celery_worker_config *c = &w->config;
	int r = open_link(w, c->broker, "kodewar", on_up, &w->broker, err);

	if (r == 0)
		r = open_link(w, c->backend, "kodewar-results", on_up, &w->backend, err);
	if (r == 0)
		r = open_link(w, c->broker, "kodewar-control", on_ears_up, &w->ears, err);
	if (r == 0 && c->cache)
		r = open_link(w, c->cache, "kodewar-cache", on_cache_up, &w->cache, err);
	return r < 0 ? r : celery_take_open(w, err);
}

/* ---- the beat ---- */

static void try_again(struct celery_worker *w)
{
	struct celery_held *h;

	for (h = TAILQ_FIRST(&w->held); h; h = TAILQ_NEXT(h, entry)) {
		if (h->asked)
			continue;
		if (h->stage == HELD_STORING)
			celery_store(h);
		else if (h->stage == HELD_ACKING)
			celery_lease_ack(h);
		else if (h->stage == HELD_RETURNING)
			celery_lease_return(h);
	}
}

static void every_second(struct celery_worker *w)
{
	unsigned renewals = (unsigned)w->config.lease_sec / 3 * BEATS_OF_A_SECOND;

	if (!redis_link_up(w->broker))
		return;
	try_again(w);
	if (w->beats % (renewals ? renewals : BEATS_OF_A_SECOND) == 0)
		celery_lease_renew(w);
	if (!w->draining)
		celery_lease_sweep(w);
	celery_take(w);
}

static int on_beat(sd_event_source *source, uint64_t usec, void *user)
{
	struct celery_worker *w = user;

	w->beats++;
	celery_tell_flush(w);
	if (w->beats % BEATS_OF_A_SECOND == 0)
		every_second(w);
	if (w->beats % BEATS_OF_A_HEART == 0)
		celery_tell_worker(w, "worker-heartbeat");
	sd_event_source_set_time(source, clock_now_nsec() / 1000 + CELERY_BEAT_USEC);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	if (w->draining && w->on_empty && TAILQ_EMPTY(&w->held))
		w->on_empty(w->empty_user);
	return 0;
}

/* ---- life ---- */

int celery_worker_new(const struct celery_worker_config *c, struct celery_worker **ret,
		      struct err *err)
{
	struct celery_worker *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return err_set(err, ENOMEM, "make the Celery worker");
	w->config = *c;
	w->self = (struct celery_self){ .node = c->node, .pid = (int)getpid() };
	w->events = c->events;
	w->begun_nsec = clock_now_nsec();
	w->revoked = json_object();
	w->told = json_array();
	TAILQ_INIT(&w->held);
	snprintf(w->fanout, sizeof(w->fanout), "/%u.", c->broker->db);
	r = w->revoked && w->told ? open_links(w, err) : err_set(err, ENOMEM, "make the worker");
	if (r == 0) {
		r = sd_event_add_time(c->loop, &w->beat, CLOCK_MONOTONIC, w->begun_nsec / 1000,
				      CELERY_BEAT_USEC / 8, on_beat, w);
		if (r < 0)
			err_set(err, r, "put the worker on the loop");
	}
	if (r < 0) {
		celery_worker_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

void celery_worker_drain(struct celery_worker *w, void (*on_empty)(void *user), void *user)
{
	w->draining = true;
	w->on_empty = on_empty;
	w->empty_user = user;
	celery_run_return(w, false);
	celery_tell_flush(w);
	celery_tell_worker(w, "worker-offline");
}

void celery_worker_abandon(struct celery_worker *w)
{
	w->draining = true;
	celery_run_return(w, true);
}

void celery_worker_free(struct celery_worker *w)
{
	if (!w)
		return;
	w->draining = true;
	w->on_empty = NULL;
	while (!TAILQ_EMPTY(&w->held))
		celery_run_end(TAILQ_FIRST(&w->held));
	celery_take_close(w);
	loop_source_drop(&w->beat);
	redis_link_free(w->ears);
	redis_link_free(w->broker);
	redis_link_free(w->backend);
	redis_link_free(w->cache);
	json_decref(w->revoked);
	json_decref(w->told);
	free(w);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker's life on the loop, and its end.  SIGTERM and SIGINT drain: nothing more is taken, what did not begin is
 * given back, what runs may end for --drain seconds; what has not ended then is another worker's when its lease is over.
 * A second signal ends it at once.  SIGHUP opens the logs anew and looks for other boxes (switch.h).  Without its warden a
 * worker is of no use, and fails.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "app/worker.h"
#include "base/cleanup.h"
#include "base/log.h"

#define USEC_PER_SEC 1000000ull
#define LOST_SEC 2 /* when there is no warden any more: to give back what is held */

static int leave(struct worker *w)
{
	return sd_event_exit(w->service.loop, w->failure);
}

static void on_empty(void *user)
{
	leave(user);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *user)
{
	log_event(LOG_LEVEL_WARNING, "worker ends with jobs that did not");
	return leave(user);
}

static int drain(struct worker *w, uint64_t sec)
{
	w->draining = true;
	sd_notify(0, "STOPPING=1\nSTATUS=Draining");
	switch_hush(&w->boxes);
	if (sd_event_add_time_relative(w->service.loop, &w->deadline, CLOCK_MONOTONIC,
				       sec * USEC_PER_SEC, 0, on_deadline, w) < 0)
		return leave(w);
	w->source->drain(w->it, on_empty, w);
	return 0;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
	struct worker *w = user;

	log_event(LOG_LEVEL_INFO, "worker drains signal=%u", info->ssi_signo);
	return w->draining ? leave(w) : drain(w, w->settings->worker.drain_sec);
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
	struct worker *w = user;
	struct err err = ERR_INIT;

	if (log_reopen(&err) < 0)
		log_event(LOG_LEVEL_ERROR, "logs stay as they are: %s", err.text);
	switch_ask(&w->boxes);
	return 0;
}

static int on_warden(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct worker *w = user;

	log_event(LOG_LEVEL_ERROR, "the warden is gone: worker ends");
	loop_source_drop(&w->boxes.warden);
	w->failure = -EPIPE;
	return w->draining ? 0 : drain(w, LOST_SEC);
}

/* Nothing is noted of the boxes here. */
static int taken(void *user, const struct handover *h, struct arena *arena)
{
	return 0;
}

static void over(void *user)
{
	const struct worker *w = user;

	if (!w->draining)
		sd_notify(0, "READY=1\nSTATUS=Working");
}

static int watch_boxes(struct worker *w, struct err *err)
{
	const struct cache_config cache = { .max_bytes = WORKER_CACHE_BYTES,
					    .max_entries = WORKER_CACHE_ENTRIES };
	const struct switch_hooks hooks = {
		.taken = taken, .on_warden = on_warden, .over = over, .user = w
	};

	return switch_watch(&w->boxes, &hooks, &cache, err);
}

static int watch_signals(struct worker *w)
{
	static const struct {
		int number;
		sd_event_signal_handler_t fn;
	} handlers[WORKER_SIGNALS] = { { SIGTERM, on_end },
				       { SIGINT, on_end },
				       { SIGHUP, on_reload } };
	sigset_t set;
	int r = 0;

	sigemptyset(&set);
	for (size_t i = 0; i < WORKER_SIGNALS; i++)
		sigaddset(&set, handlers[i].number);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	for (size_t i = 0; r >= 0 && i < WORKER_SIGNALS; i++)
		r = sd_event_add_signal(w->service.loop, &w->signals[i], handlers[i].number,
					handlers[i].fn, w);
	return r;
}

int worker_run(struct worker *w, struct err *err)
{
	char where[REDIS_URL_SHOWN];
	int r = watch_signals(w);

	if (r >= 0)
		r = sd_event_set_watchdog(w->service.loop, 1);
	if (r < 0)
		return err_set(err, r, "put the worker on the loop");
	r = watch_boxes(w, err);
	if (r < 0)
		return r;
	r = w->source->open(w, &w->it, err);
	if (r < 0)
		return r;
	printf("kodewar works for queue %s at %s with %u lanes\n", w->queue,
	       redis_url_show(&w->url, where), w->service.lanes);
	fflush(stdout);
	sd_notify(0, "READY=1\nSTATUS=Working");
	r = sd_event_loop(w->service.loop);
	if (w->failure)
		return err_set(err, w->failure, "the warden is gone");
	return r < 0 ? err_set(err, r, "work") : 0;
}

void worker_life_done(struct worker *w)
{
	loop_source_drop(&w->deadline);
	switch_close(&w->boxes);
	for (size_t i = 0; i < WORKER_SIGNALS; i++)
		loop_source_drop(&w->signals[i]);
}

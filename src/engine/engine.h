/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Job life: a plan goes in, steps run as boxes on the backend's idle lanes (first come, first
 * served, tests of one job spread over lanes), a judged result comes out by callback, from the
 * loop.
 */
#pragma once

#include "backend/backend.h"
#include "base/arena.h"
#include "model/result.h"

struct engine;
struct job;

struct job_events {
	void (*on_output)(void *user, int stream, const char *data, size_t len); /* may be NULL */
	void (*on_done)(void *user,
			const struct result *result); /* result dies with the job after it */
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
 * Cancels what is left, without on_done. The backend is to be freed next: the loop must not turn in
 * between, since boxes that end would report to jobs that are gone. Not from within on_done.
 */
void engine_free(struct engine *e);
/* plan and arena stay the caller's until on_done; live_stdin_fd as in backend_order, or -1. */
int engine_submit(struct engine *e, const struct plan *plan, struct arena *arena, const char *id,
		  int live_stdin_fd, const struct job_events *events, void *user, struct job **ret,
		  struct err *err);
/* on_done still follows, from the loop: what ran is an internal error, the rest skipped. */
void engine_cancel(struct engine *e, struct job *job);

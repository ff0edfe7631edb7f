/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a stranger's bytes to an answer, for every gate that serves many at once: decodes, plans, admits or
 * refuses, queues fairly, tells events as they happen, keeps results.  A gate knows its wire format; the
 * desk knows the life of a job.
 *
 * All calls come from the loop's one thread; no callback is made from within desk_submit(), desk_lookup(),
 * desk_watch() or desk_cancel().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "engine/engine.h"
#include "engine/journal.h"
#include "gate/desk_ask.h"
#include "model/planner.h"

#define DESK_ID_BYTES 72 /* with its NUL; what job_id_make() gives, or a queue's own */

struct desk;

struct desk_config {
	sd_event *loop;
	struct engine *engine;
	const struct planner_config *planner; /* read anew for each job */
	/* May refuse what was planned (1), where this host has not what it needs. NULL: nobody does. */
	int (*check)(void *user, const struct plan *plan, struct refusal *refusal);
	void *check_user;
	struct journal *journal; /* NULL: asynchronous jobs are refused */
	unsigned queue_max;	 /* jobs that are not over, of all tenants */
	uint64_t queue_bytes;	 /* that they hold: bodies and plans */
	uint64_t body_bytes_max;
	uint64_t
		history_bytes; /* events of one job kept for watchers that come late; what does not fit is
				   told to those who watch, and to nobody else */
	uint64_t kept_bytes; /* of jobs that are over, all together; the oldest go first */
	uint64_t keep_sec;
	uint64_t job_bytes; /* most that one job may hold while it runs; 0: 256 MiB */
};

int desk_new(const struct desk_config *c, struct desk **ret, struct err *err);
/* Jobs that an earlier life accepted and did not end are submitted again, three tries each. */
int desk_recover(struct desk *d, struct err *err);
/* Takes every bound (queue_max to job_bytes) over, for jobs that come; what is admitted stays. */
void desk_rebound(struct desk *d, const struct desk_config *c);
/*
 * No more jobs; on_empty, from the loop, when none is left. Durable jobs that wait stay in the journal for the
 * next life; who watches them is told nothing more.
 */
void desk_drain(struct desk *d, void (*on_empty)(void *user), void *user);
/* After the engine and before the journal, without the loop's turning in between; watches end, nothing is told. */
void desk_free(struct desk *d);

/*
 * A durable job is answered only when it is on disk: then `then` is called from the loop, with the answer.  Every
 * other answer comes by `then` as well, so that callers have one way. 0, or a negative errno and no call.
 */
int desk_submit(struct desk *d, const struct desk_ask *ask,
		void (*then)(void *user, const struct desk_answer *answer), void *user,
		struct err *err);
/*
 * Nobody waits for an answer to this `user` any more: `then` is not called.  A job that is not durable is
 * cancelled; a durable one goes on.
 */
void desk_forget(struct desk *d, void *user);

/*
 * `then` is told the job from the loop, NULL where there is none of this id of this tenant (whose job it is, others
 * cannot tell).  Looks in memory, then in the journal. 0, or a negative errno and no call.
 */
int desk_lookup(struct desk *d, const char *tenant, const char *id,
		void (*then)(void *user, struct desk_job *job), void *user);
/* The same at once, of jobs in memory: all that are not over, and the latest of the others. */
struct desk_job *desk_find(struct desk *d, const char *tenant, const char *id);

/* A job in memory is valid until the loop turns, longer while it is watched. */
const char *desk_job_id(const struct desk_job *j);
enum desk_state desk_job_state(const struct desk_job *j, unsigned *ret_position);
/* The result's JSON on one line, or NULL before the end. */
const char *desk_job_result(const struct desk_job *j, size_t *ret_len);

struct desk_watch;
/*
 * Events after `after_seq` are told from the loop, those that happened already first; the result in any case,
 * also again. NULL: no memory.
 */
struct desk_watch *desk_watch(struct desk_job *j, uint64_t after_seq,
			      void (*on_event)(void *user, const struct desk_event *event),
			      void *user);
/*
 * Ends a watch; also from within its own callback, and not only before, but also after the result.  The job
 * goes on, unless `cancel`: it was synchronous and its client is gone.
 */
void desk_unwatch(struct desk_watch *w, bool cancel);
/* What ran is killed; its result says so. */
void desk_cancel(struct desk_job *j);

struct desk_counts {
	unsigned waiting, running, over, lanes, idle_lanes, watchers;
	uint64_t kept_bytes, queued_bytes;
};
void desk_count(const struct desk *d, struct desk_counts *ret);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a stranger's bytes to an answer, for every gate that serves many at once: refuses or accepts, tells
 * events as they happen, finds results again.  A gate knows its wire format; the desk knows the life of a job.
 * Where jobs are judged and kept is a desk's own: desk_local.h on this host, redis_desk.h by the workers of a queue.
 *
 * All calls come from the loop's one thread; no callback is made from within desk_submit(), desk_lookup(),
 * desk_watch() or desk_cancel().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/loop.h"
#include "gate/desk/desk_ask.h"

#define DESK_ID_BYTES 72 /* with its NUL; what job_id_make() gives, or a queue's own */
#define DESK_PLACE_UNKNOWN UINT32_MAX
#define DESK_RESULT_ONLY UINT64_MAX /* who watches wants no other event */

struct desk;
struct desk_watch;

/*
 * No more jobs; on_empty, from the loop, when none is left for which somebody here must wait. What is kept elsewhere
 * stays there; who watches that is told nothing more.
 */
void desk_drain(struct desk *d, void (*on_empty)(void *user), void *user);
/* Without the loop's turning after it; watches end, nothing is told. */
void desk_free(struct desk *d);

/*
 * A durable job is answered only when it is kept safe: then `then` is called from the loop, with the answer.  Every
 * other answer comes by `then` as well, so that callers have one way. 0, or a negative errno and no call.
 */
int desk_submit(struct desk *d, const struct desk_ask *ask, desk_then *then, void *user,
		struct err *err);
/*
 * Nobody waits for an answer to this `user` any more: `then` is not called.  A job that is not durable is
 * cancelled; a durable one goes on.
 */
void desk_forget(struct desk *d, void *user);

/*
 * `then` is told from the loop: DESK_KNOWN and the job, DESK_NONE where there is none of this id of this tenant (whose
 * job it is, others cannot tell), or why that cannot be said. 0, or a negative errno and no call.
 */
int desk_lookup(struct desk *d, const char *tenant, const char *id, desk_then *then, void *user);

/* A job is valid until the loop turns after it was told, longer while it is watched. */
const char *desk_job_id(const struct desk_job *j);
/* ret_position, which may be NULL: DESK_PLACE_UNKNOWN where nobody knows. */
enum desk_state desk_job_state(const struct desk_job *j, unsigned *ret_position);
/* The result's JSON on one line, or NULL before the end. */
const char *desk_job_result(const struct desk_job *j, size_t *ret_len);

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
	unsigned waiting, running, over, lanes, idle_lanes, watchers, workers;
	unsigned lost_lanes;				/* of this host's, as the engine has it */
	uint64_t kept_bytes, queued_bytes, begun_bytes; /* begun: as the engine has it */
};
void desk_count(const struct desk *d, struct desk_counts *ret);
/* What else there is to count, in Prometheus' format. */
void desk_print_metrics(const struct desk *d, FILE *to);
/* Why no job would be judged now, or NULL. Submissions are taken all the same, where they can be. */
const char *desk_not_ready(const struct desk *d);

/* SPDX-License-Identifier: Apache-2.0 */
/* What each of the desk's files does for the others. */
#pragma once

#include "gate/desk/desk_private.h"

/* ---- desk_local.c ---- */
void desk_wake(struct local_desk *d);

/* ---- desk_store.c: who is there ---- */
struct local_job *desk_store_make(struct local_desk *d, const char *tenant, const char *id);
/* Known by its id, and by its key, from now on. 0, -ENOMEM or -EEXIST. */
int desk_store_add(struct local_job *j);
/* It is over: of those that are kept for a while. */
void desk_store_retire(struct local_job *j);
/* What it holds is so much now. */
void desk_store_weigh(struct local_job *j, uint64_t bytes);
/* Not known any more, but still there. Also of one that never was. */
void desk_store_unlink(struct local_job *j);
/* Its key may be used for another: nobody is to be told that it was cancelled under him. */
void desk_store_free_key(struct local_job *j);
void desk_store_free(struct local_job *j); /* wherever it stands */
struct local_job *desk_store_by_id(struct local_desk *d, const char *tenant, const char *id);
/* The same of jobs that somebody was promised. */
struct local_job *desk_store_find(struct local_desk *d, const char *tenant, const char *id);
struct local_job *desk_store_by_key(struct local_desk *d, const char *tenant, const char *key);
struct desk_owner *desk_store_owner(struct local_desk *d,
				    const char *tenant); /* NULL: has no job */
void desk_store_evict(struct local_desk *d);
/* What the journal has of a job that is not in memory. NULL: no memory. */
struct local_job *desk_store_load(struct local_desk *d, const struct journal_entry *e);

/* ---- desk_events.c: what is told ---- */
void desk_events_add(struct local_job *j, enum desk_event_kind kind, const char *json, size_t len);
void desk_events_position(struct local_job *j);
void desk_events_output(struct local_job *j, int test, int stream, const char *data, size_t len);
void desk_events_dirty(struct local_job *j);
void desk_events_tell(struct local_desk *d);
void desk_events_done(struct local_job *j);
struct desk_watch *desk_events_watch(struct desk_job *job, uint64_t after_seq,
				     void (*on_event)(void *user, const struct desk_event *event),
				     void *user);
void desk_events_unwatch(struct desk_watch *watch, bool cancel);

/* ---- desk_life.c: from a plan to a result ---- */
/* 0, 1 (refused) or a negative errno. */
int desk_life_plan(struct local_job *j, const char *body, size_t len, struct refusal *refusal);
/* The same of a request that was decoded already. */
int desk_life_plan_decoded(struct local_job *j, struct refusal *refusal);
/* To the engine. 0 or a negative errno. */
int desk_life_queue(struct local_job *j, struct err *err);
/* The same of one that was accepted, maybe planned anew: a failure becomes its result. */
void desk_life_go(struct local_job *j, bool plan);
/* A result without a run. */
void desk_life_fail(struct local_job *j, const char *error);
void desk_life_leave(struct local_job *j);
void desk_life_cancel(struct local_job *j);

/* ---- desk_room.c: who may wait ---- */
/* When so many wait already. */
unsigned desk_room_retry_after(const struct local_desk *d, unsigned waiting);
/* False: position and retry_after_sec of the answer say how full it is. */
bool desk_room_has(struct local_desk *d, const struct desk_ask *ask, struct desk_answer *a);

/* ---- desk_submit.c: answers ---- */
int desk_submit_ask(struct desk *desk, const struct desk_ask *ask, desk_then *then, void *user,
		    struct err *err);
void desk_submit_forget(struct desk *desk, void *user);
int desk_submit_look(struct desk *desk, const char *tenant, const char *id, desk_then *then,
		     void *user);
/* A large body was read. */
void desk_submit_decoded(struct local_job *j, int result, const struct refusal *refusal);
/* From the desk's turn: all that can be given. */
void desk_submit_answer(struct local_desk *d);

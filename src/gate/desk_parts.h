/* SPDX-License-Identifier: Apache-2.0 */
/* What each of the desk's files does for the others. */
#pragma once

#include "gate/desk_private.h"

/* ---- desk.c ---- */
void desk_wake(struct desk *d);

/* ---- desk_store.c: who is there ---- */
struct desk_job *desk_store_make(struct desk *d, const char *tenant, const char *id);
/* Known by its id, and by its key, from now on. 0, -ENOMEM or -EEXIST. */
int desk_store_add(struct desk_job *j);
/* It is over: of those that are kept for a while. */
void desk_store_retire(struct desk_job *j);
/* Not known any more, but still there. Also of one that never was. */
void desk_store_unlink(struct desk_job *j);
/* Its key may be used for another: nobody is to be told that it was cancelled under him. */
void desk_store_free_key(struct desk_job *j);
void desk_store_free(struct desk_job *j); /* wherever it stands */
struct desk_job *desk_store_by_id(struct desk *d, const char *tenant, const char *id);
struct desk_job *desk_store_by_key(struct desk *d, const char *tenant, const char *key);
struct desk_owner *desk_store_owner(struct desk *d, const char *tenant); /* NULL: has no job */
void desk_store_evict(struct desk *d);
/* What the journal has of a job that is not in memory. NULL: no memory. */
struct desk_job *desk_store_load(struct desk *d, const struct journal_entry *e);

/* ---- desk_events.c: what is told ---- */
void desk_events_add(struct desk_job *j, enum desk_event_kind kind, const char *json, size_t len);
void desk_events_position(struct desk_job *j);
void desk_events_output(struct desk_job *j, int test, int stream, const char *data, size_t len);
void desk_events_dirty(struct desk_job *j);
void desk_events_tell(struct desk *d);
void desk_events_done(struct desk_job *j);

/* ---- desk_life.c: from a plan to a result ---- */
/* 0, 1 (refused) or a negative errno. */
int desk_life_plan(struct desk_job *j, const char *body, size_t len, struct refusal *refusal);
/* To the engine. 0 or a negative errno. */
int desk_life_queue(struct desk_job *j, struct err *err);
/* The same of one that was accepted, maybe planned anew: a failure becomes its result. */
void desk_life_go(struct desk_job *j, bool plan);
/* A result without a run. */
void desk_life_fail(struct desk_job *j, const char *error);
void desk_life_leave(struct desk_job *j);

/* ---- desk_submit.c: answers ---- */
/* From the desk's turn: all that can be given. */
void desk_submit_answer(struct desk *d);

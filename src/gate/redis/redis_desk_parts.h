/* SPDX-License-Identifier: Apache-2.0 */
/* What each file of the desk in Redis does for the others. */
#pragma once

#include "gate/redis/redis_desk_private.h"

/* ---- redis_desk.c ---- */
void redis_desk_wake(struct redis_desk *d);
void redis_desk_complain(struct redis_desk *d, const char *what, const redisReply *reply);

/* ---- redis_desk_call.c: asking ---- */
struct redis_call *redis_call_new(struct redis_desk *d, const char *tenant, desk_then *then,
				  void *user);
void redis_call_free(struct redis_call *c);
/* A reply that the step waits for is asked for, or came. */
void redis_call_asked(struct redis_call *c, int r);
void redis_call_settled(struct redis_call *c, bool ok);
/* It is told in the next turn. */
void redis_call_answer(struct redis_call *c, enum desk_answer_kind kind);
void redis_call_away(struct redis_call *c);
void redis_call_tell(struct redis_desk *d);
void redis_call_forget(struct desk *desk, void *user);
int redis_call_lookup(struct desk *desk, const char *tenant, const char *id, desk_then *then,
		      void *user);
/* Everything about c->job: then `next`, with `found`, and its result where there is one. */
void redis_call_look(struct redis_call *c, void (*next)(struct redis_call *c));

/* ---- redis_desk_submit.c ---- */
int redis_desk_submit(struct desk *desk, const struct desk_ask *ask, desk_then *then, void *user,
		      struct err *err);

/* ---- redis_desk_job.c: who is there ---- */
struct redis_job *redis_job_get(struct redis_desk *d,
				const char *id); /* a reference; NULL: no memory */
void redis_job_put(struct redis_job *j);
struct redis_job *redis_job_by_id(struct redis_desk *d, const char *id);
void redis_job_touch(struct redis_job *j);
/* From the desk's turn: what can be told is told, who is not needed goes. */
void redis_job_turn(struct redis_job *j);
void redis_job_free(struct redis_job *j);
/* 0 or -ENOMEM. */
int redis_job_take_result(struct redis_job *j, const redisReply *reply);
/* Whether it has ended: asked of Redis. */
void redis_job_check(struct redis_job *j);
/* One that was not promised to anybody who stays. */
void redis_job_leave(struct redis_job *j);
void redis_job_leave_done(struct redis_desk *d);
void redis_job_cancel(struct desk_job *job);
struct desk_watch *redis_job_watch(struct desk_job *job, uint64_t after_seq,
				   void (*on_event)(void *user, const struct desk_event *event),
				   void *user);
void redis_job_unwatch(struct desk_watch *watch, bool cancel);

/* ---- redis_desk_events.c ---- */
/* Reads, if somebody follows and no read is under way. */
void redis_events_read(struct redis_desk *d);
/* What happened that this one was not told. */
void redis_events_rest(struct redis_watch *w);
void redis_events_follow(struct redis_job *j, bool on);

/* ---- redis_desk_state.c ---- */
void redis_state_poll(struct redis_desk *d);
void redis_state_count(const struct desk *d, struct desk_counts *ret);
void redis_state_print(const struct desk *d, FILE *to);
const char *redis_state_not_ready(const struct desk *d);
unsigned redis_state_retry_after(const struct redis_desk *d, long long left);

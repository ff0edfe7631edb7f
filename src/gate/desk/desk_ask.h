/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the desk, and what it tells. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/limits.h"
#include "model/request.h"

#define DESK_KEY_MAX 255 /* bytes of an idempotency key */
#define DESK_PRIORITY_MAX 9

struct desk_job;

struct desk_tenant { /* needed during the call only; "" where nobody need tell who he is */
	const char *name;
	unsigned concurrency;	   /* boxes of his at once; 0: as many as there are lanes */
	unsigned queued_max;	   /* jobs of his that are not over; 0: the desk's queue_max */
	const struct limits *caps; /* NULL: the deployment's */
	const struct limits
		*defaults; /* of a gate elsewhere; NULL, or 0 in a member: the deployment's */
};

enum desk_state { DESK_WAITING, DESK_RUNNING, DESK_OVER };

enum desk_event_kind {
	DESK_EV_QUEUED,	   /* {"position":N}: jobs before it, 0 = next; again when that changes */
	DESK_EV_COMPILING, /* {} */
	DESK_EV_RUNNING,   /* {}: its first box after the compile step has begun */
	DESK_EV_CASE,	   /* {"index":N, …as in test_results}: as soon as it is judged */
	DESK_EV_OUTPUT, /* {"case":N|null,"stream":"stdout"|"stderr","data":"…"}; null: no test cases */
	DESK_EV_RESULT, /* the whole result, as `run -` prints it. Always the last, exactly once */
};

extern const char *const desk_event_names[]; /* "queued", "compiling", … */
extern const size_t desk_event_names_len;

struct desk_event {
	enum desk_event_kind kind;
	uint64_t seq;	  /* from 1, without a gap, per job and life of the service: SSE's id */
	const char *json; /* one object on one line, without its newline; valid during the call */
	size_t len;
};

struct desk_ask {
	const char *body;
	size_t len;
	const struct desk_tenant *tenant;
	bool durable;	      /* asynchronous: journalled before it is accepted */
	bool quiet;	      /* nobody wants other events than the result: none are made */
	bool tell_output;     /* DESK_EV_OUTPUT are wanted */
	int priority;	      /* 0, or up to ±DESK_PRIORITY_MAX within the tenant's own jobs */
	uint64_t deadline_ms; /* not begun by then: internal_error; 0 = none */
	const char *key;      /* Idempotency-Key, at most DESK_KEY_MAX bytes; NULL: none */
	const char *id;	   /* what the job is to be called, of no other job here; NULL: a new one */
	const char *trace; /* traceparent, for the log; NULL: none */
};

enum desk_answer_kind {
	DESK_ACCEPTED,
	DESK_KNOWN,    /* this key was used for the same body: the job that it made */
	DESK_REFUSED,  /* refusal: field and rule */
	DESK_CONFLICT, /* this key was used for another body */
	DESK_FULL,     /* position and retry_after_sec say how full */
	DESK_NO_STORE, /* durable, and the journal takes nothing now (disk full …): err */
	DESK_DRAINING, /* no more jobs: the service ends */
	DESK_NONE,     /* of a lookup: there is no such job of this tenant, or not any more */
	DESK_AWAY,     /* where jobs are kept cannot be reached now: err */
	DESK_FAILED,   /* err */
};

struct desk_answer {
	enum desk_answer_kind kind;
	struct desk_job
		*job; /* ACCEPTED, KNOWN: valid until the loop turns, longer while it is watched */
	struct refusal refusal;
	unsigned position, retry_after_sec;
	struct err err;
};

typedef void desk_then(void *user, const struct desk_answer *answer);

/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the desk in Redis share; nobody else's business. */
#pragma once

#include <sys/queue.h>

#include "gate/desk/desk_ops.h"
#include "gate/redis/redis_desk.h"
#include "gate/redis/redis_link.h"
#include "gate/redis/redis_queue.h"

#define DESK_HASH_BYTES 65 /* of a key or a body, as text */

TAILQ_HEAD(redis_watches, redis_watch);
TAILQ_HEAD(redis_jobs, redis_job);
TAILQ_HEAD(redis_calls, redis_call);
LIST_HEAD(redis_leaves, redis_leave);

struct redis_watch {
	struct desk_watch base;
	TAILQ_ENTRY(redis_watch) link;
	struct redis_job *job;
	void (*on_event)(void *user, const struct desk_event *event);
	void *user;
	uint64_t seq, result_seq; /* told up to here; the result's own number, 0: not known */
	bool events;		  /* wants more than the result */
	bool asked;		  /* the rest of them is on its way */
	bool complete;		  /* it has them all */
	bool ended, dead;	  /* not to be told anything any more; to be freed */
};

struct redis_job { /* somebody here waits for it, or asks */
	struct desk_job base;
	TAILQ_ENTRY(redis_job) link, touch, follow;
	struct redis_desk *desk;
	unsigned refs; /* calls */
	char id[QUEUE_ID_MAX + 1];
	bool sync;   /* who leaves it cancels it, */
	bool keyed;  /* unless others came with the same key */
	bool events; /* there is a stream of them */
	bool touched, followed;
	bool asking, hint; /* for its result; told that there is one */
	bool there;	   /* Redis knows of it */
	enum desk_state state;
	unsigned position;
	char *result; /* owned */
	size_t result_len;
	struct redis_watches watches;
};

struct redis_order {   /* a submission, as its entry will have it */
	char *payload; /* owned */
	size_t len;
	bool durable;
	unsigned level; /* of events: 0 none, 1 all but output, 2 all */
	unsigned priority, boxes, queued_max;
	uint64_t deadline_ms;
	char trace[64], caps[QUEUE_LIMITS_BYTES], limits[QUEUE_LIMITS_BYTES];
	char key[DESK_HASH_BYTES], digest[DESK_HASH_BYTES]; /* "": no key */
};

struct redis_call { /* a submission, or a lookup */
	TAILQ_ENTRY(redis_call) link;
	struct redis_desk *desk;
	bool dead, ready, broken;
	unsigned replies;		    /* that this step waits for */
	void (*next)(struct redis_call *c); /* when all came */
	desk_then *then;
	void *user;
	struct desk_answer answer;
	struct redis_job *job; /* a reference */
	char tenant[QUEUE_ID_MAX + 1];
	/* what was read */
	bool found;
	bool known; /* its key is */
	char known_id[QUEUE_ID_MAX + 1], known_digest[DESK_HASH_BYTES];
	long long left, live, watchers;
	unsigned waits;
	sd_event_source *timer; /* owned */
	struct redis_order order;
};

/* The workers' counters, in their own words. */
#define DESK_COUNTERS(X) X(judged) X(refused) X(cancelled) X(dead) X(twins)

struct redis_state { /* of the queue, as it was a moment ago */
	bool known;
	long long left[QUEUE_PRIORITIES], pending[QUEUE_PRIORITIES], letters;
	long long workers, lanes;
#define DESK_COUNTER(name) long long name;
	DESK_COUNTERS(DESK_COUNTER)
#undef DESK_COUNTER
};

struct redis_desk {
	struct desk base;
	struct redis_desk_config config;
	struct redis_link *commands, *reads, *listener; /* owned */
	sd_event_source *turn, *tick;			/* owned */
	struct redis_jobs jobs, touched, followed;
	struct redis_calls calls;
	struct redis_leaves leaves;
	void *by_id; /* a tree of jobs, as tsearch(3) has it */
	unsigned nwatches, nfollowed, adding;
	bool reading, draining, polling, complained;
	unsigned asked_members;			   /* workers whose beat is awaited */
	uint64_t checked_nsec, polled_nsec, ended; /* jobs of anybody that ended */
	uint64_t ended_before;
	double rate; /* jobs that end in a second, lately */
	struct redis_state state, next;
	void (*on_empty)(void *user);
	void *empty_user;
};

static inline struct redis_desk *redis_desk(struct desk *d)
{
	return (struct redis_desk *)d;
}

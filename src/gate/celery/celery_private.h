/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a Celery worker: celery_worker.c, _take.c, _lease.c, _run.c, _store.c, _tell.c, _control.c. */
#pragma once

#include <jansson.h>
#include <sys/queue.h>

#include "gate/celery/celery_event.h"
#include "gate/celery/celery_result.h"
#include "gate/celery/celery_worker.h"
#include "gate/redis/redis_link.h"

#define CELERY_STEPS 4 /* kombu's priority_steps: 0, 3, 6, 9; a smaller number goes first */
#define CELERY_LISTS_MAX (CELERY_QUEUES_MAX * CELERY_STEPS)
#define CELERY_TAG_PREFIX "kodewar-" /* of delivery tags: whose lease is whose */
#define CELERY_TAG_BYTES 64
#define CELERY_ETA_BYTES_MAX (256u << 20) /* of tasks that wait for their time in our hands */
#define CELERY_BEAT_USEC 250000ull

enum celery_stage {
	HELD_ETA,	/* waits for its time */
	HELD_ASKED,	/* the desk has it, and has not answered */
	HELD_RUNNING,	/* the desk judges it */
	HELD_STORING,	/* its result is to be stored */
	HELD_ACKING,	/* its message is to be let go of */
	HELD_RETURNING, /* its message is to go back to its queue */
};

/* A task in our hands, from its message's leaving the queue until its message is gone or back. */
struct celery_held {
	TAILQ_ENTRY(celery_held) entry;
	struct celery_worker *worker;
	struct celery_task task;
	char *raw; /* owned: the message */
	size_t raw_len;
	size_t queue; /* in the config */
	unsigned step;
	char tag[CELERY_TAG_BYTES];
	enum celery_stage stage;
	bool asked; /* a reply of Redis' is due for this stage */
	struct desk_job *job;
	struct desk_watch *watch;
	sd_event_source *timer; /* owned: its time, or its time limit */
	double begun;
	char *meta, *result; /* owned: what is stored for it; the result alone */
	size_t meta_len, result_len;
	bool cached;
};

TAILQ_HEAD(celery_held_list, celery_held);

/* Blocks on one list until there is something on it. */
struct celery_bell {
	struct celery_worker *worker;
	struct redis_link *link; /* owned */
	char *key;		 /* owned */
	bool out;		 /* it waits */
};

struct celery_worker {
	struct celery_worker_config config;
	struct celery_self self;
	struct redis_link *broker, *ears, *backend, *cache; /* owned */
	struct celery_bell bells[CELERY_LISTS_MAX];
	size_t nbells, turn; /* turn: the queue that goes first */
	struct celery_held_list held;
	size_t busy;	  /* of them, with the desk or to be stored */
	size_t eta_bytes; /* of messages that wait for their time */
	bool taking, ready, draining, events, unreachable;
	json_t *revoked;       /* owned: ids, the oldest first */
	json_t *told;	       /* owned: events that were not sent */
	sd_event_source *beat; /* owned */
	unsigned beats;
	uint64_t begun_nsec, taken, lost;
	char fanout[32]; /* "/0." */
	void (*on_empty)(void *user);
	void *empty_user;
};

/* celery_take.c */
void celery_take(struct celery_worker *w); /* as many as there is room for */
int celery_take_open(struct celery_worker *w, struct err *err);
void celery_take_close(struct celery_worker *w);

/* celery_lease.c */
void celery_lease_renew(struct celery_worker *w);
void celery_lease_sweep(struct celery_worker *w);
void celery_lease_ack(struct celery_held *h);
void celery_lease_return(struct celery_held *h); /* to its queue */

/* celery_run.c */
/* Takes `raw` over. */
void celery_run_new(struct celery_worker *w, const char *tag, size_t list, char *raw, size_t len);
void celery_run_end(struct celery_held *h); /* its message is gone: so is it */
void celery_run_refuse(struct celery_held *h, const char *status, const struct celery_refusal *e);
/* One that runs only if `terminate`. True where it was in our hands. */
bool celery_run_revoke(struct celery_worker *w, const char *id, bool terminate);
/* What has not begun goes back; what runs too, where `all`. */
void celery_run_return(struct celery_worker *w, bool all);

/* celery_store.c */
void celery_store(struct celery_held *h); /* what is in it, then celery_lease_ack() */
void celery_store_started(struct celery_held *h);
/* A task that waits for this refused one will never be begun: its caller is told. */
void celery_store_follower(struct celery_held *h, const char *id, const struct celery_refusal *e);

/* celery_tell.c */
void celery_tell(struct celery_worker *w, const struct celery_event *e);
void celery_tell_flush(struct celery_worker *w);
void celery_tell_worker(struct celery_worker *w, const char *type);

/* celery_control.c */
void celery_control_push(struct celery_worker *w, const redisReply *reply);
bool celery_revoked(const struct celery_worker *w, const char *id);

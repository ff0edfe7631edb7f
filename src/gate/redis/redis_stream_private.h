/* SPDX-License-Identifier: Apache-2.0 */
/* What the worker's own files share; nobody else's business. */
#pragma once

#include <sys/queue.h>

#include "gate/redis/redis_link.h"
#include "gate/redis/redis_queue.h"
#include "gate/redis/redis_stream.h"

#define STREAM_NAME_BYTES 96
#define STREAM_ENTRY_BYTES 48
#define STREAM_TENANT_BYTES 65
#define STREAM_KEY_BYTES 65

enum stream_stage {
	STREAM_CHECKING, /* is it over already, is it cancelled, how often was it delivered */
	STREAM_ASKED,	 /* the desk is asked */
	STREAM_RUNNING,	 /* the desk has it */
	STREAM_STORING,	 /* its result, and then the acknowledgement, until Redis has taken both */
	STREAM_BURYING,	 /* the same with a dead letter */
	STREAM_DROPPING, /* acknowledged without a result of ours: there is one */
	STREAM_GIVING,	 /* back: another may have it at once */
};

struct stream_job {
	TAILQ_ENTRY(stream_job) link;
	struct redis_stream *worker;
	enum stream_stage stage, said; /* said: what Redis was asked for last */
	bool broken, complained;       /* the answer was none, or an error */
	unsigned priority;
	unsigned deliveries; /* this one included */
	unsigned replies;    /* that it waits for, on `commands` */
	bool claimed;	     /* from another, or from ourselves of before */
	bool over, cancelled, uncounted;
	bool tried; /* to be stored once already, and nobody knows whether it was */
	bool events, output;
	bool gate;		       /* one made it: there is more to keep in step */
	bool begun;		       /* and said so */
	const char *wrong;	       /* the field that cannot be read */
	unsigned boxes;		       /* of its tenant at once; 0: any */
	uint64_t deadline_ms, late_ms; /* since it was added; 0: none */
	uint64_t events_bytes;
	struct limits caps, limits; /* 0 in a member: not said */
	char caps_text[QUEUE_LIMITS_BYTES], limits_text[QUEUE_LIMITS_BYTES];
	char key[STREAM_KEY_BYTES]; /* of idempotency */
	char entry[STREAM_ENTRY_BYTES];
	char id[QUEUE_ID_MAX + 1];
	char tenant[STREAM_TENANT_BYTES], trace[64];
	char *payload; /* owned, until the end */
	size_t payload_len;
	char *result; /* owned */
	size_t result_len;
	char reason[160];	  /* of its death */
	const char *kind;	  /* of its end: a counter's name */
	struct desk_job *job;	  /* the desk's, while it runs */
	struct desk_watch *watch; /* owned */
};

TAILQ_HEAD(stream_jobs, stream_job);

struct redis_stream {
	struct redis_stream_config config;
	char name[STREAM_NAME_BYTES];			/* of the consumer: never used twice */
	struct redis_link *commands, *reads, *listener; /* owned */
	sd_event_source *tick;				/* owned */
	struct stream_jobs jobs;
	struct redis_stream_counts counts;
	unsigned held;
	/* reading, redis_stream.c */
	unsigned grouping; /* replies to XGROUP that are awaited */
	bool grouped, reading, draining;
	bool complained; /* that it cannot be read; until it can */
	bool idle;	 /* the last round gave nothing: reads block */
	unsigned turn, credit,
		asked; /* whose turn, how much of it is left, how many it was asked for */
	size_t round;  /* entries in this round */
	/* leases, redis_stream_lease.c */
	uint64_t renewed_nsec, beaten_nsec, pruned_nsec;
	bool claiming;
	char (*suspects)[STREAM_NAME_BYTES]; /* owned: workers that may not live any more */
	size_t suspect, nsuspects;
	void (*on_empty)(void *user);
	void *empty_user;
};

/* ---- redis_stream.c ---- */
unsigned stream_room(const struct redis_stream *w);
/* Reads, if there is room and no read is under way. */
void stream_read(struct redis_stream *w);
void stream_group(struct redis_stream *w);
/* One entry [id, [field, value…]] that is ours now. */
void stream_take(struct redis_stream *w, unsigned priority, const redisReply *entry, bool claimed);

/* ---- redis_stream_entry.c ---- */
/* Everything but whose it is. 0, or -1 without memory. */
int stream_entry_read(struct stream_job *j, const char *entry, const redisReply *fields);
/* What is wrong about j->wrong. */
void stream_entry_rule(const struct stream_job *j, struct refusal *ret);

/* ---- redis_stream_job.c ---- */
void stream_job_begin(struct redis_stream *w, unsigned priority, const char *entry,
		      const redisReply *fields, bool claimed);
struct stream_job *stream_job_by_entry(struct redis_stream *w, unsigned priority,
				       const char *entry);
void stream_job_cancel(struct redis_stream *w, const char *id, size_t len);
/* Whether it is over, cancelled, and how often delivered, is known now. */
void stream_job_checked(struct stream_job *j);
void stream_job_give(struct stream_job *j, bool uncounted);
void stream_job_free(struct stream_job *j);

/* ---- redis_stream_store.c: what is said to Redis about one job ---- */
/* Says what its stage wants said, unless an answer to that is awaited already. */
void stream_store_go(struct stream_job *j);
void stream_store_check_cancel(struct stream_job *j);
void stream_store_event(struct stream_job *j, const struct desk_event *event);

/* ---- redis_stream_lease.c ---- */
int stream_lease_start(struct redis_stream *w);
void stream_lease_beat(struct redis_stream *w);

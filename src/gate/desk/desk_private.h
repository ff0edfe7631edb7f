/* SPDX-License-Identifier: Apache-2.0 */
/* What the local desk's own files share; nobody else's business. */
#pragma once

#include <sys/queue.h>

#include "gate/desk/desk_local.h"
#include "gate/desk/desk_ops.h"
#include "gate/desk/job_id.h"

#define DESK_TRIES 3u /* lives of the service, or of a lane, that a durable job may outlast */

enum desk_stage {
	STAGE_STORING,	 /* the journal writes it down */
	STAGE_DECODING,	 /* its body is being read, beside the loop */
	STAGE_QUEUED,	 /* the engine has it */
	STAGE_RETRY,	 /* this host failed; its timer runs */
	STAGE_RECORDING, /* it has a result, which the journal writes down */
	STAGE_OVER,
	STAGE_LEFT, /* drained: it is in the journal, for the next life */
};

struct desk_note { /* an event that happened */
	TAILQ_ENTRY(desk_note) link;
	enum desk_event_kind kind;
	bool passing; /* for those who watch now */
	uint64_t seq;
	size_t len;
	char json[];
};

struct local_watch {
	struct desk_watch base;
	TAILQ_ENTRY(local_watch) link;
	struct local_job *job;
	uint64_t seq; /* told up to here */
	void (*on_event)(void *user, const struct desk_event *event);
	void *user;
	bool ended; /* told the result, or not to be told anything any more */
	bool dead;  /* to be freed when nobody walks the list */
};

struct desk_owner { /* a tenant with jobs in memory */
	TAILQ_ENTRY(desk_owner) link;
	unsigned refs, live; /* jobs; jobs that are not over */
	uint64_t bytes;	     /* that those hold */
	char name[];
};

struct desk_carry { /* what is left of a character that a chunk of output cut */
	unsigned char len;
	char bytes[3];
};

TAILQ_HEAD(desk_notes, desk_note);
TAILQ_HEAD(desk_watches, local_watch);
TAILQ_HEAD(desk_jobs, local_job);

struct local_job {
	struct desk_job base;
	TAILQ_ENTRY(local_job) link;  /* in `live` or `over` */
	TAILQ_ENTRY(local_job) dirty; /* in `dirty`, while is_dirty */
	struct local_desk *desk;
	struct desk_owner *owner;
	enum desk_stage stage;
	bool durable, quiet, tell_output, is_dirty;
	bool begun;	/* a box of it was */
	bool cancelled; /* by somebody */
	bool left;	/* by a drain */
	bool counted;	/* this try is in the journal */
	bool told_queued;
	unsigned tries;
	char id[DESK_ID_BYTES];
	char *key;   /* owned, NULL: none */
	char *trace; /* owned, NULL: none */
	unsigned char digest[JOURNAL_DIGEST_BYTES];
	char *body; /* owned; of durable jobs until the end, of others while it is being read */
	size_t body_len;       /* of all, until the end */
	uint64_t weight_bytes; /* what it holds while it waits: body, request, plan */
	int priority;
	uint64_t deadline_ms;
	unsigned tenant_boxes;
	struct limits caps, defaults; /* 0 in a member: not said */
	/* until it is over */
	struct arena arena;
	struct request request;
	struct plan plan;
	struct job *job;	    /* the engine's, or NULL */
	struct desk_carry *carries; /* two per case, in the arena */
	sd_event_source *timer;	    /* owned */
	unsigned record_tries;
	uint64_t begun_nsec;
	/* what is told */
	struct desk_notes notes;
	struct desk_watches watches;
	uint64_t last_seq, result_seq;
	size_t notes_bytes;
	unsigned told_position;
	char *result; /* owned */
	size_t result_len;
	uint64_t over_nsec;
};

struct desk_pending { /* an answer, or the outcome of a lookup */
	TAILQ_ENTRY(desk_pending) link;
	struct local_desk *desk;
	bool dead, ready;
	bool lookup;
	struct local_job *job; /* of the answer */
	desk_then *then;
	void *user;
	struct desk_answer answer;
};

TAILQ_HEAD(desk_pendings, desk_pending);
TAILQ_HEAD(desk_owners, desk_owner);

struct local_desk {
	struct desk base;
	struct desk_config config;
	sd_event_source *turn, *tick; /* owned */
	struct desk_decoder *decoder; /* owned */
	struct desk_jobs live, over, dirty;
	struct desk_pendings pendings;
	struct desk_owners owners;
	void *by_id, *by_key; /* trees of jobs, as tsearch(3) has them */
	unsigned nlive, nleft, nover, nwatches;
	uint64_t queued_bytes, kept_bytes, job_nsec; /* job_nsec: how long jobs take, lately */
	bool draining;
	void (*on_empty)(void *user);
	void *empty_user;
};

static inline struct local_desk *local_desk(struct desk *d)
{
	return (struct local_desk *)d;
}

static inline const struct local_job *local_job(const struct desk_job *j)
{
	return (const struct local_job *)j;
}

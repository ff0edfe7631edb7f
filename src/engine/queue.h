/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which job gets the next lane: a ring of tenants, and in each tenant jobs by priority and turn.  Knows no
 * backend; private to the engine.  Jobs are linked, not owned.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#define QUEUE_PRIORITY_MAX 9
#define QUEUE_CLASSES (2 * QUEUE_PRIORITY_MAX + 1)

struct job;
struct queue_tenant;

struct queue_place { /* embedded in a job */
	TAILQ_ENTRY(job) link;
	struct queue_tenant *tenant; /* NULL: in no queue */
	unsigned class;		     /* 0 is served first */
	uint64_t turn;		     /* lower is served first, within a class */
	unsigned boxes;		     /* of this turn */
	uint64_t spent_usec;	     /* when this turn began */
	bool begun;
	uint64_t begun_number; /* lower: begun before */
	uint64_t held_bytes;   /* as it was last weighed */
};

TAILQ_HEAD(queue_tenants, queue_tenant);

struct queue {
	struct queue_tenants ring;
	uint64_t last_turn;
	uint64_t last_begun;
	unsigned begun_max; /* jobs of one tenant and class that are half done at once */
	uint64_t
		held_max; /* bytes that all jobs that are half done may hold, before only the oldest go on */
	unsigned waiting, begun;
	uint64_t held_bytes;
};

struct queue_order {
	const char *tenant;
	unsigned tenant_boxes; /* at once; 0: no bound of his own. The latest job's holds */
	int priority;
};

void queue_init(struct queue *q, unsigned begun_max, uint64_t held_max);
/* 0 or -ENOMEM. */
int queue_put(struct queue *q, struct job *j, const struct queue_order *order);
/* Also of a job that is in no queue. A tenant without jobs is forgotten. */
void queue_remove(struct queue *q, struct job *j);
/* NULL: nobody wants a lane, or may have one. */
struct job *queue_next(struct queue *q);
/* Its job was given a lane. */
void queue_took(struct queue *q, struct job *j);
/* Out of those that wait, into those that are half done, without a lane. */
void queue_begin(struct queue *q, struct job *j);
/* What it holds now; of one that has begun. */
void queue_weigh(struct queue *q, struct job *j, uint64_t held_bytes);
/* How many jobs will be begun before this one, as things stand; 0 for one that is begun. */
unsigned queue_position(struct queue *q, const struct job *j);
/* Every job that has not begun. fn must leave the queue as it is. */
void queue_each_waiting(struct queue *q, void (*fn)(void *user, struct job *j), void *user);
/* Any of all. */
struct job *queue_any(struct queue *q);

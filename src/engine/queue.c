/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two levels.  Tenants stand in a ring: who was served goes to its end, so that a tenant with ten thousand jobs
 * takes no more from one with a single job than his turn.  Within a tenant the highest priority goes first, and
 * within a priority the lowest turn: jobs come in order, and keep their turn until it has had so many boxes or so
 * much time; then they stand behind all that came meanwhile.  So small jobs end in the order in which they
 * came, instead of all of them late, and a thousand cases hold nobody up for longer than one turn.
 *
 * A job that is half done holds memory (its output, its artefact) and a descriptor.  So that nobody can have all of his ten
 * thousand jobs half done, only so many of one tenant and priority are, and not many more of all his priorities; they are
 * few, and looked at one by one.  What all of them hold is bounded together.  A tenant who holds as much as he leaves
 * free begins nothing more, and of what he has begun the oldest goes on until it is over, whatever its priority: so
 * memory comes back, with no more than one job for each lane growing meanwhile.  Who has begun nothing may always
 * begin one job.
 */
#include "engine/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/job.h"

#define TURN_BOXES 16u
#define TURN_USEC 100000u /* wall time of its boxes */
#define TENANT_CLASSES 2u /* of so many full classes a tenant may have half-done jobs */

TAILQ_HEAD(queue_jobs, job);

struct queue_class {
	struct queue_jobs waiting, begun; /* in the order of their turns; in any */
	unsigned nwaiting, nbegun;
};

struct queue_tenant {
	TAILQ_ENTRY(queue_tenant) link;
	unsigned jobs, boxes_max, nbegun;
	uint64_t held_bytes;
	struct queue_class classes[QUEUE_CLASSES];
	char name[];
};

void queue_init(struct queue *q, unsigned begun_max, uint64_t held_max)
{
	*q = (struct queue){ .begun_max = begun_max, .held_max = held_max };
	TAILQ_INIT(&q->ring);
}

static struct queue_tenant *find_tenant(struct queue *q, const char *name)
{
	struct queue_tenant *t;

	for (t = TAILQ_FIRST(&q->ring); t; t = TAILQ_NEXT(t, link))
		if (strcmp(t->name, name) == 0)
			return t;
	t = calloc(1, sizeof(*t) + strlen(name) + 1);
	if (!t)
		return NULL;
	strcpy(t->name, name);
	for (size_t i = 0; i < QUEUE_CLASSES; i++) {
		TAILQ_INIT(&t->classes[i].waiting);
		TAILQ_INIT(&t->classes[i].begun);
	}
	TAILQ_INSERT_TAIL(&q->ring, t, link);
	return t;
}

int queue_put(struct queue *q, struct job *j, const struct queue_order *order)
{
	struct queue_tenant *t = find_tenant(q, order->tenant ? order->tenant : "");
	int p = order->priority;
	struct queue_class *c;

	if (!t)
		return -ENOMEM;
	p = p > QUEUE_PRIORITY_MAX ? QUEUE_PRIORITY_MAX : p;
	p = p < -QUEUE_PRIORITY_MAX ? -QUEUE_PRIORITY_MAX : p;
	j->place = (struct queue_place){ .tenant = t,
					 .class = (unsigned)(QUEUE_PRIORITY_MAX - p),
					 .turn = ++q->last_turn };
	t->jobs++;
	t->boxes_max = order->tenant_boxes;
	c = &t->classes[j->place.class];
	TAILQ_INSERT_TAIL(&c->waiting, j, place.link);
	c->nwaiting++;
	q->waiting++;
	return 0;
}

static void unlink_waiting(struct queue *q, struct queue_class *c, struct job *j)
{
	TAILQ_REMOVE(&c->waiting, j, place.link);
	c->nwaiting--;
	q->waiting--;
}

void queue_remove(struct queue *q, struct job *j)
{
	struct queue_tenant *t = j->place.tenant;
	struct queue_class *c;

	if (!t)
		return;
	c = &t->classes[j->place.class];
	if (j->place.begun) {
		queue_weigh(q, j, 0);
		TAILQ_REMOVE(&c->begun, j, place.link);
		c->nbegun--;
		t->nbegun--;
		q->begun--;
	} else {
		unlink_waiting(q, c, j);
	}
	j->place.tenant = NULL;
	if (--t->jobs)
		return;
	TAILQ_REMOVE(&q->ring, t, link);
	free(t);
}

void queue_weigh(struct queue *q, struct job *j, uint64_t held_bytes)
{
	uint64_t before = j->place.held_bytes;

	if (!j->place.begun || !j->place.tenant) /* it has not begun, or is over */
		return;
	q->held_bytes += held_bytes - before;
	j->place.tenant->held_bytes += held_bytes - before;
	j->place.held_bytes = held_bytes;
}

/* ---- whose turn it is ---- */

/* He holds as much as he leaves free. */
static bool is_full(const struct queue *q, const struct queue_tenant *t)
{
	return t->nbegun &&
	       (q->held_bytes >= q->held_max || t->held_bytes >= q->held_max - q->held_bytes);
}

static struct job *oldest_begun(const struct queue_tenant *t)
{
	struct job *best = NULL, *j;

	for (size_t i = 0; i < QUEUE_CLASSES; i++)
		for (j = TAILQ_FIRST(&t->classes[i].begun); j; j = TAILQ_NEXT(j, place.link))
			if (job_wants_lane(j) &&
			    (!best || j->place.begun_number < best->place.begun_number))
				best = j;
	return best;
}

static struct job *next_in_class(const struct queue *q, const struct queue_tenant *t,
				 const struct queue_class *c)
{
	bool room = c->nbegun < q->begun_max && t->nbegun < TENANT_CLASSES * q->begun_max;
	struct job *best = NULL, *j;

	for (j = TAILQ_FIRST(&c->begun); j; j = TAILQ_NEXT(j, place.link))
		if (job_wants_lane(j) && (!best || j->place.turn < best->place.turn))
			best = j;
	j = room ? TAILQ_FIRST(&c->waiting) : NULL;
	return j && (!best || j->place.turn < best->place.turn) ? j : best;
}

static struct job *next_of(const struct queue *q, const struct queue_tenant *t)
{
	struct job *j = NULL;

	if (is_full(q, t))
		return oldest_begun(t);
	for (size_t i = 0; !j && i < QUEUE_CLASSES; i++)
		j = next_in_class(q, t, &t->classes[i]);
	return j;
}

static size_t boxes_of(const struct queue_tenant *t)
{
	size_t n = 0;
	struct job *j;

	for (size_t i = 0; i < QUEUE_CLASSES; i++)
		for (j = TAILQ_FIRST(&t->classes[i].begun); j; j = TAILQ_NEXT(j, place.link))
			n += j->running;
	return n;
}

struct job *queue_next(struct queue *q)
{
	struct queue_tenant *t;
	struct job *j;
	size_t n;

	for (t = TAILQ_FIRST(&q->ring); t; t = TAILQ_NEXT(t, link)) {
		n = t->boxes_max ? boxes_of(t) : 0;
		if (t->boxes_max && n >= t->boxes_max)
			continue;
		j = next_of(q, t);
		/* Two boxes that talk are more than one; who may have one has them alone. */
		if (j && (!n || n + job_lanes(j) <= t->boxes_max))
			return j;
	}
	return NULL;
}

void queue_begin(struct queue *q, struct job *j)
{
	struct queue_class *c = &j->place.tenant->classes[j->place.class];

	if (j->place.begun)
		return;
	unlink_waiting(q, c, j);
	j->place.begun = true;
	j->place.begun_number = ++q->last_begun;
	j->place.tenant->nbegun++;
	TAILQ_INSERT_TAIL(&c->begun, j, place.link);
	c->nbegun++;
	q->begun++;
}

void queue_took(struct queue *q, struct job *j)
{
	struct queue_tenant *t = j->place.tenant;

	queue_begin(q, j);
	TAILQ_REMOVE(&q->ring, t, link);
	TAILQ_INSERT_TAIL(&q->ring, t, link);
	if (++j->place.boxes < TURN_BOXES && j->spent_usec - j->place.spent_usec < TURN_USEC)
		return;
	j->place.turn = ++q->last_turn;
	j->place.boxes = 0;
	j->place.spent_usec = j->spent_usec;
}

/* ---- how long it takes ---- */

static unsigned waiting_of(const struct queue_tenant *t)
{
	unsigned n = 0;

	for (size_t i = 0; i < QUEUE_CLASSES; i++)
		n += t->classes[i].nwaiting;
	return n;
}

/* Those of his own tenant that go first. */
static unsigned rank_of(const struct job *j)
{
	const struct queue_tenant *t = j->place.tenant;
	const struct job *before = j, *after = j;
	unsigned n = 0, steps = 0;

	for (unsigned i = 0; i < j->place.class; i++)
		n += t->classes[i].nwaiting;
	/* To the nearer end: who has just come stands last, and is asked after most. */
	for (;; steps++) {
		before = TAILQ_PREV(before, queue_jobs, place.link);
		if (!before)
			return n + steps;
		after = TAILQ_NEXT(after, place.link);
		if (!after)
			return n + t->classes[j->place.class].nwaiting - 1 - steps;
	}
}

unsigned queue_position(struct queue *q, const struct job *j)
{
	unsigned rank, position, n, turns;
	struct queue_tenant *t;
	bool before = true;

	if (!j->place.tenant || j->place.begun)
		return 0;
	rank = position = rank_of(j);
	for (t = TAILQ_FIRST(&q->ring); t; t = TAILQ_NEXT(t, link)) {
		if (t == j->place.tenant) {
			before = false;
			continue;
		}
		n = waiting_of(t);
		turns = rank + before; /* he begins one in each round */
		position += n < turns ? n : turns;
	}
	return position;
}

void queue_each_waiting(struct queue *q, void (*fn)(void *user, struct job *j), void *user)
{
	struct queue_tenant *t;
	struct job *j;

	for (t = TAILQ_FIRST(&q->ring); t; t = TAILQ_NEXT(t, link))
		for (size_t i = 0; i < QUEUE_CLASSES; i++)
			for (j = TAILQ_FIRST(&t->classes[i].waiting); j;
			     j = TAILQ_NEXT(j, place.link))
				fn(user, j);
}

struct job *queue_any(struct queue *q)
{
	struct queue_tenant *t = TAILQ_FIRST(&q->ring);

	for (size_t i = 0; t && i < QUEUE_CLASSES; i++) {
		struct queue_class *c = &t->classes[i];

		if (!TAILQ_EMPTY(&c->begun))
			return TAILQ_FIRST(&c->begun);
		if (!TAILQ_EMPTY(&c->waiting))
			return TAILQ_FIRST(&c->waiting);
	}
	return NULL;
}

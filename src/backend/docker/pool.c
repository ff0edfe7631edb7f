/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pool.h.  An order that finds no waiting container takes over the one whose making began first: under load that
 * never ends every order so begins one and takes one, and waits no longer than a creation.  A spare that cannot be
 * made is not tried again by itself, but by the next fill: an engine that is down is not hammered.
 */
#include "backend/docker/pool.h"

#include <stdio.h>
#include <stdlib.h>

#define SPARES_MAX 64

struct spare {
	struct pool *pool;
	struct container *container; /* NULL: free */
	uint64_t born;		     /* the order in which they were begun */
};

struct pool {
	struct containers *all; /* borrowed */
	struct spec_limits usual;
	uint64_t births;
	char trouble[320];
	struct spare spares[SPARES_MAX];
};

static void on_gone(void *user, const struct container_end *end)
{
	struct spare *s = user;
	struct container *c = s->container;

	snprintf(s->pool->trouble, sizeof(s->pool->trouble), "%s: %s", end->step,
		 *end->why ? end->why : "it ended by itself");
	s->container = NULL;
	container_bury(c);
}

static const struct container_events spare_events = { .on_gone = on_gone };

struct pool *pool_new(struct containers *all, const struct spec_limits *usual)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p)
		*p = (struct pool){ .all = all, .usual = *usual };
	return p;
}

void pool_free(struct pool *p)
{
	free(p);
}

/* Ready ones before those in the making, older ones before younger ones. */
static bool is_better(const struct spare *a, const struct spare *b)
{
	bool a_ready = a->container->state == CONTAINER_READY;
	bool b_ready = b->container->state == CONTAINER_READY;

	return a_ready != b_ready ? a_ready : a->born < b->born;
}

struct container *pool_take(struct pool *p, const struct spec_limits *want)
{
	struct spare *best = NULL;
	struct container *c;

	for (struct spare *s = p->spares; s < p->spares + SPARES_MAX; s++)
		if (s->container && spec_fits(&s->container->limits, want) &&
		    (!best || is_better(s, best)))
			best = s;
	if (!best)
		return container_new(p->all, want);
	c = best->container;
	best->container = NULL;
	container_watch(c, NULL, NULL);
	return c;
}

void pool_fill(struct pool *p, unsigned spares)
{
	unsigned have = 0;

	if (spares > SPARES_MAX)
		spares = SPARES_MAX;
	for (unsigned i = 0; i < SPARES_MAX; i++)
		have += p->spares[i].container != NULL;
	for (struct spare *s = p->spares; have < spares && s < p->spares + SPARES_MAX; s++) {
		if (s->container)
			continue;
		s->container = container_new(p->all, &p->usual);
		if (!s->container)
			return;
		s->pool = p;
		s->born = ++p->births;
		container_watch(s->container, &spare_events, s);
		have++;
	}
}

const char *pool_trouble(const struct pool *p)
{
	return p->trouble;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See home.h. */
#include "engine/home.h"

#include <stdlib.h>

#include "base/log.h"
#include "engine/job.h"

struct home *home_new(const struct engine_home *config)
{
	struct home *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->backend = config->backend;
	h->languages = config->languages;
	h->cold = config->cold;
	if (config->cache && !(h->cache = cache_new(config->cache))) {
		free(h);
		return NULL;
	}
	return h;
}

void home_free(struct home *h)
{
	if (!h)
		return;
	cache_free(h->cache);
	free(h);
}

/*
 * The same language, offered here too; and where its programs are forked, by a runner that was proved here: a zygote whose
 * self-tests failed is there, and must not be used.
 */
static bool fits_one(const struct home *h, const struct plan *plan)
{
	if (!language_is_offered(h->languages, plan->language))
		return false;
	for (size_t i = 0; i < plan->nsteps; i++)
		if (plan->steps[i].runner != RUNNER_EXEC && (h->cold & 1u << plan->steps[i].runner))
			return false;
	return true;
}

bool home_fits(const struct home *h, const struct plan *plan)
{
	if (!h->languages)
		return true;
	return fits_one(h, plan) && (!plan->checker || fits_one(h, plan->checker)) &&
	       (!plan->interactor || fits_one(h, plan->interactor));
}

void home_move(struct job *j, struct home *to)
{
	if (j->home)
		j->home->jobs--;
	j->home = to;
	if (!to)
		return;
	to->jobs++;
	j->backend = to->backend;
	j->cache = to->cache;
}

unsigned homes_free_lanes(const struct homes *all)
{
	unsigned lanes = TAILQ_FIRST(all)->backend->lanes, busy = 0;
	const struct home *h;

	for (h = TAILQ_FIRST(all); h; h = TAILQ_NEXT(h, link))
		busy += h->backend->lanes - h->backend->ops->idle_lanes(h->backend);
	return busy < lanes ? lanes - busy : 0;
}

unsigned homes_lanes(const struct homes *all)
{
	unsigned lanes = TAILQ_FIRST(all)->backend->lanes, lost = 0;
	const struct home *h;

	for (h = TAILQ_FIRST(all); h; h = TAILQ_NEXT(h, link))
		lost += h->backend->lost;
	return lost < lanes ? lanes - lost : 0;
}

unsigned homes_stuck(const struct homes *all)
{
	const struct home *h;
	unsigned n = 0;

	for (h = TAILQ_FIRST(all); h; h = TAILQ_NEXT(h, link))
		n += (unsigned)__builtin_popcountll(h->backend->stuck);
	return n;
}

static void tell(struct home *h)
{
	uint64_t stuck = h->backend->stuck, changed = h->stuck ^ stuck;

	for (unsigned i = 0; changed && i < h->backend->lanes; i++) {
		if (!(changed & 1ull << i))
			continue;
		if (stuck & 1ull << i)
			log_event(LOG_LEVEL_WARNING,
				  "lane stuck lane=%u: a process of its last box does not die", i);
		else
			log_event(LOG_LEVEL_INFO, "lane free again lane=%u", i);
	}
	if (h->backend->lost > h->lost)
		log_event(LOG_LEVEL_ERROR, "lanes lost: %u of %u cannot be made anew",
			  h->backend->lost, h->backend->lanes);
	h->stuck = stuck;
	h->lost = h->backend->lost;
}

void homes_tell(struct homes *all)
{
	struct home *h;

	for (h = TAILQ_FIRST(all); h; h = TAILQ_NEXT(h, link))
		tell(h);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See warden_place.h. */
#include "sandbox/warden_place.h"

#include "base/clock.h"
#include "sandbox/warden_lane.h"

/* For so long after a moment when most processors were in use. */
#define CROWDED_NSEC (100 * NSEC_PER_MSEC)

void warden_places_open(struct warden_places *p, unsigned lanes)
{
	if (sched_getaffinity(0, sizeof(p->cpus), &p->cpus) == 0)
		p->ncpus = (unsigned)CPU_COUNT(&p->cpus);
	if (p->ncpus < 2 || lanes < p->ncpus) {
		p->ncpus = 0;
		CPU_ZERO(&p->cpus);
	}
}

static void place(const struct warden_context *w, const struct warden_lane *l, pid_t pid)
{
	const struct warden_places *p = &w->places;
	unsigned left = l->lane.index % p->ncpus, at = 0;
	cpu_set_t one;

	if (!l->lane.kept) {
		sched_setaffinity(pid, sizeof(p->cpus), &p->cpus);
		return;
	}
	for (; left > 0 || !CPU_ISSET(at, &p->cpus); at++)
		left -= !!CPU_ISSET(at, &p->cpus);
	CPU_ZERO(&one);
	CPU_SET(at, &one);
	sched_setaffinity(pid, sizeof(one), &one);
}

/* Of the lanes, this one among them, so many have an order that more than half of the processors are needed. */
static bool is_crowded(const struct warden_context *w)
{
	unsigned busy = 0;

	for (unsigned i = 0; i < w->nlanes; i++)
		busy += w->lanes[i].have_order || w->lanes[i].state == LANE_RUNNING;
	return 2 * busy > w->places.ncpus;
}

void warden_place_lane(struct warden_context *w, struct warden_lane *l)
{
	uint64_t now = clock_now_nsec();
	bool keep;

	if (w->places.ncpus == 0)
		return;
	if (is_crowded(w))
		w->places.crowded_until_nsec = now + CROWDED_NSEC;
	keep = now < w->places.crowded_until_nsec;
	if (keep == l->lane.kept)
		return;
	l->lane.kept = keep;
	if (l->lane.launcher > 0)
		place(w, l, l->lane.launcher);
	for (unsigned r = 0; r < RUNNER_KINDS; r++) {
		if (l->zygotes[r].ready)
			place(w, l, l->zygotes[r].pid);
		if (l->next[r].ready)
			place(w, l, l->next[r].pid);
	}
}

void warden_place_zygote(const struct warden_context *w, const struct warden_lane *l,
			 const struct warden_zygote *z)
{
	if (l->lane.kept)
		place(w, l, z->pid);
}

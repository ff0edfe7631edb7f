/* SPDX-License-Identifier: Apache-2.0 */
/* See warden_place.h. */
#include "sandbox/warden_place.h"

#include "base/clock.h"
#include "sandbox/warden_lane.h"

/* For so long after a moment when most processors were in use. */
#define CROWDED_NSEC (100 * NSEC_PER_MSEC)

void warden_places_open(struct warden_places *p, unsigned lanes)
{
	int n = sched_getaffinity(0, sizeof(p->cpus), &p->cpus) == 0 ? CPU_COUNT(&p->cpus) : 0;

	if (n < 2 || lanes < (unsigned)n)
		CPU_ZERO(&p->cpus);
}

static void place(const struct warden_context *w, const struct warden_lane *l, pid_t pid)
{
	const cpu_set_t *cpus = &w->places.cpus;
	unsigned left = l->lane.index % (unsigned)CPU_COUNT(cpus), at = 0;
	cpu_set_t one;

	if (!l->lane.kept) {
		sched_setaffinity(pid, sizeof(*cpus), cpus);
		return;
	}
	for (; left > 0 || !CPU_ISSET(at, cpus); at++)
		left -= !!CPU_ISSET(at, cpus);
	CPU_ZERO(&one);
	CPU_SET(at, &one);
	sched_setaffinity(pid, sizeof(one), &one);
}

/* Of the lanes, this one among them, so many have an order that more than half of the processors are needed. */
static bool is_crowded(const struct warden_context *w, unsigned processors)
{
	unsigned busy = 0;

	for (unsigned i = 0; i < w->nlanes; i++)
		busy += w->lanes[i].have_order || w->lanes[i].state == LANE_RUNNING;
	return 2 * busy > processors;
}

void warden_place_lane(struct warden_context *w, struct warden_lane *l)
{
	unsigned processors = (unsigned)CPU_COUNT(&w->places.cpus);
	uint64_t now = clock_now_nsec();
	bool keep;

	if (processors == 0)
		return;
	if (is_crowded(w, processors))
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

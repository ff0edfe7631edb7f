/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where those run who fork: a lane's launcher, and the thread of its zygotes that forks.
 *
 * While most processors have a lane that runs, those of a lane keep to one.  What they fork is born where the memory that it
 * copies was last used, no processor has to interrupt another for it, and whoever is woken goes where it is warm: left alone,
 * the kernel moves all of them to whatever processor is idle for that moment.  A lane that runs alone is left to it: which
 * processor is idle, and which share a core, it knows and we do not.
 *
 * It is no bound.  A program is given all processors back just before its own code.
 */
#pragma once

#include <sched.h>
#include <stdint.h>

struct warden_context;
struct warden_lane;
struct warden_zygote;

struct warden_places {
	cpu_set_t
		cpus; /* shared out among the lanes; none: everybody is wherever the kernel puts it */
	uint64_t crowded_until_nsec;
};

/* All processors that this process may use, where that gives each one a lane or more; else none. */
void warden_places_open(struct warden_places *p, unsigned lanes);
/* The lane has an order, and its program is not forked yet. What fails here costs speed and nothing else. */
void warden_place_lane(struct warden_context *w, struct warden_lane *l);
/* One that became ready: its runtime has started on all processors, and has counted them. */
void warden_place_zygote(const struct warden_context *w, const struct warden_lane *l,
			 const struct warden_zygote *z);

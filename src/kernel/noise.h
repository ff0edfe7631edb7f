/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes the same program take another time on this host, as far as the kernel tells: read from /proc and /sys, nothing
 * is tried or changed.  A row of noise_table is a wish, and how to have it; its state is whether it holds.  What the kernel
 * does not tell, as in many virtual machines, is unknown, and never taken for quiet.
 */
#pragma once

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

enum noise_state { NOISE_UNKNOWN, NOISE_QUIET, NOISE_LOUD, NOISE_STATES };

extern const char *const noise_state_names[NOISE_STATES]; /* "unknown", "quiet", "noisy" */

enum noise_id {
	NOISE_GOVERNOR,
	NOISE_TURBO,
	NOISE_THREADS,
	NOISE_STEAL,
	NOISE_QUOTA,
	NOISE_LOAD,
	NOISE_SWAP,
	NOISE_HUGE_PAGES,
	NOISE_NUMA,
	NOISE_CLOCK,
	NOISE_IDS,
};

struct noise_info {
	const char *name, *doc, *cure;
};

extern const struct noise_info noise_table[NOISE_IDS];

struct noise_fact {
	enum noise_state state;
	char detail[160]; /* what was seen; never empty */
};

/* Of /proc/stat, in ticks since the host's start. */
struct noise_ticks {
	uint64_t all, stolen;
};

struct noise_place {
	const char *root;	   /* "", or in tests a directory that /proc and /sys lie below */
	cpu_set_t cpus;		   /* that boxes run on */
	unsigned lanes;		   /* boxes that run at once */
	struct noise_ticks before; /* taken a while ago; zeros: not at all */
};

void noise_ticks(const char *root, struct noise_ticks *ret);
void noise_look(const struct noise_place *p, struct noise_fact facts[NOISE_IDS]);

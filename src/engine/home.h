/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where jobs run: a backend, what its compilers have made, and which languages it has.  There is one; while the
 * engine moves from one tree to another there are two, and each job is at home in one of them from its first box to its last.
 * Private to the engine.
 */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

#include "engine/engine.h"

struct home {
	TAILQ_ENTRY(home) link;
	struct backend *backend;	      /* borrowed */
	struct cache *cache;		      /* owned, NULL: none */
	const struct language_set *languages; /* borrowed; NULL: whatever was planned fits */
	unsigned cold;			      /* as in planner_config */
	size_t jobs;			      /* at home here */
	unsigned lost;			      /* of its lanes, as far as it was logged */
	uint64_t stuck;			      /* likewise */
	void (*on_left)(void *user);	      /* of one that no job comes to any more */
	void *user;
};

TAILQ_HEAD(homes, home); /* where jobs come to first */

/* NULL: no memory. */
struct home *home_new(const struct engine_home *config);
void home_free(struct home *h);
/* Whether a plan that may have been made for another one can be run here. */
bool home_fits(const struct home *h, const struct plan *plan);
/* The job is at home here from now on; NULL: nowhere any more. It has no box. */
void home_move(struct job *j, struct home *to);
/* So many boxes may be begun, wherever: what runs in one home leaves a lane of the other idle. */
unsigned homes_free_lanes(const struct homes *all);
/* How many there may ever be at once: those that are not lost. */
unsigned homes_lanes(const struct homes *all);
/* Of them, those whose last box does not die: nothing can be begun there now. */
unsigned homes_stuck(const struct homes *all);
/* Logs what has changed of that. */
void homes_tell(struct homes *all);

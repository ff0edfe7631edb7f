/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of one case.  A host is never quite quiet, and what stands between a program and its time limit may be the host's
 * doing; so a case that came near the limit may be run again, and the best run counts.  What does not hang on time (a wrong
 * answer, a crash, another limit) is never run again.  Pure.
 */
#pragma once

#include "base/arena.h"
#include "model/result.h"

/* A run of this step, of which `c` is what came out so far, is to be followed by another. */
bool repeat_wanted(const struct plan *plan, const struct plan_step *step,
		   const struct case_result *c);
/* Of a run after the first, before it is judged: whatever it printed, it cannot count. */
bool repeat_is_lost(const struct facts *f, const struct limits *l);
/* Of a run after the first, judged: it counts instead of the one that did. */
bool repeat_is_better(const struct case_result *c, const struct case_result *run,
		      const struct limits *l);
/* Writes down a run: the first one before the second is begun, each other as it ends. 0 or -ENOMEM. */
int repeat_note(struct case_result *c, const struct facts *f, enum verdict v, bool unchecked,
		struct arena *arena);
/* No more is run of the case: its error says of how many runs it is the best. 0 or -ENOMEM. */
int repeat_tell(struct case_result *c, struct arena *arena);

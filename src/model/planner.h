/* SPDX-License-Identifier: Apache-2.0 */
/* Request + languages + deployment limits -> plan.  Pure; needs no privilege. */
#pragma once

#include "base/arena.h"
#include "model/plan.h"

struct planner_config {
	const struct language_set *languages;
	struct limits defaults; /* deployment's */
	struct limits caps;
	unsigned cold; /* a bit per runner kind: it is not to be used, whatever the language says */
};

/* Returns 0, 1 (refused, *refusal set) or a negative errno (out of memory). */
int planner_plan(const struct planner_config *c, const struct request *request, struct arena *arena,
		 struct plan *ret_plan, struct refusal *refusal);

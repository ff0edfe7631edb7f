/* SPDX-License-Identifier: Apache-2.0 */
/* What every desk does with a request: a plan within the caps of who asks. */
#pragma once

#include "model/planner.h"

struct desk_rules {
	const struct planner_config *planner;
	const struct limits *caps;     /* of a tenant; NULL, or 0 in a member: the deployment's */
	const struct limits *defaults; /* of another deployment; the same */
};

/* A tenant's caps are at most the deployment's. */
struct limits desk_plan_caps(const struct planner_config *planner, const struct limits *tenant);
/* As planner_plan(). The languages stay for as long as the arena. */
int desk_plan(const struct desk_rules *rules, const struct request *request, struct arena *arena,
	      struct plan *ret, struct refusal *refusal);

/* SPDX-License-Identifier: Apache-2.0 */
/* See desk_plan.h. */
#include "gate/desk/desk_plan.h"

struct limits desk_plan_caps(const struct planner_config *planner, const struct limits *tenant)
{
	struct limits caps = planner->caps;

	if (!tenant)
		return caps;
#define LOWER(field, def, cap, doc) \
	if (tenant->field && tenant->field < caps.field) \
		caps.field = tenant->field;
	LIMITS(LOWER)
#undef LOWER
	return caps;
}

int desk_plan(const struct desk_rules *rules, const struct request *request, struct arena *arena,
	      struct plan *ret, struct refusal *refusal)
{
	struct planner_config planner = *rules->planner;
	int r = language_hold(planner.languages, arena);

	if (r < 0)
		return r;
	planner.caps = desk_plan_caps(rules->planner, rules->caps);
	if (rules->defaults)
		limits_overlay(&planner.defaults, rules->defaults);
	return planner_plan(&planner, request, arena, ret, refusal);
}

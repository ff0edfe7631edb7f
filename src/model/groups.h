/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases that are scored together: what is asked of them, which of them may run now, and what they get.  Pure.
 *
 * A group may depend on groups before it: it runs when every case of those was accepted.  Of a group that stops, cases run
 * one after the other until one gets nothing.
 */
#pragma once

#include "base/arena.h"
#include "model/plan.h"
#include "model/result.h"

/* Fills groups, group_of and scored of the plan. 0, 1 (refused) or -ENOMEM. */
int groups_plan(struct plan *plan, struct arena *arena, struct refusal *refusal);

/* Before the first case is begun: makes r->groups. 0 or -ENOMEM. */
int groups_init(struct result *r, struct arena *arena);
/* To be told of each case: it was begun; it is decided, or was passed over. */
void groups_begun(struct result *r, size_t i);
void groups_decided(struct result *r, size_t i);

enum groups_turn { GROUPS_NOW, GROUPS_LATER, GROUPS_NEVER };

/* Whether case `i`, which was not begun, may be.  GROUPS_LATER holds for all cases of its group. */
enum groups_turn groups_turn(const struct result *r, size_t i);
/* Why GROUPS_NEVER, as the case's error; NULL: no memory. */
const char *groups_reason(const struct result *r, size_t i, struct arena *arena);
/* Of a case that is decided. */
double groups_points(const struct result *r, size_t i);
/* Points of cases, groups and the whole, once every case is judged. 0 or -ENOMEM. */
int groups_score(struct result *r, struct arena *arena);

/* SPDX-License-Identifier: Apache-2.0 */
/* Of the planner: the limits that a request says, a language's factors, and how often a case is run. Pure. */
#pragma once

#include "model/planner.h"

/* The request's for this language, else the language's own. 0 or 1 (refused). */
int planner_choose_factors(const struct planner_config *c, const struct request *q,
			   const struct language *l, struct planner_factors *ret,
			   struct refusal *refusal);
/* limits_overlay() of what was asked, times the factors. */
void planner_overlay(struct limits *base, const struct limits *asked,
		     const struct planner_factors *factors);
/* What is asked, multiplied, is within the caps; of the whole and of each case. 0 or 1 (refused). */
int planner_check_limits(const struct planner_config *c, const struct request *q,
			 const struct planner_factors *factors, struct refusal *refusal);
/* 0 or 1 (refused). */
int planner_repeat(const struct planner_config *c, const struct request *q,
		   struct request_repeat *ret, struct refusal *refusal);

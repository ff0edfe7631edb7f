/* SPDX-License-Identifier: Apache-2.0 */
/* Facts and outputs -> verdicts, errors and the submission's summary, by DESIGN section 7.  Pure. */
#pragma once

#include "base/arena.h"
#include "model/result.h"

/*
 * Fills verdict, passed, error of one box's case_result from its outcome and the plan's step; where there is a checker, a case
 * that ended well is left `checking`.
 */
int judge_case(const struct plan *plan, const struct plan_step *step, struct case_result *c,
	       struct arena *arena);
/*
 * The same, of what the checker of an ended case did in its own box; no longer `checking`.  A checker that fails makes an
 * internal error of the case, whatever it printed.
 */
int judge_check(const struct plan *plan, const struct plan_step *check, struct case_result *c,
		const struct box_outcome *outcome, struct arena *arena);
/* Fills verdict, success, error of the whole from its cases. Cases that did not run, or were not checked, become skipped. */
int judge_result(struct result *r, struct arena *arena);

/* SPDX-License-Identifier: Apache-2.0 */
/* Facts and outputs -> verdicts, errors and the submission's summary, by DESIGN section 7.  Pure. */
#pragma once

#include "base/arena.h"
#include "model/result.h"

/* Fills verdict, passed, error of one box's case_result from its outcome and the plan's step. */
int judge_case(const struct plan *plan, const struct plan_step *step, struct case_result *c,
	       struct arena *arena);
/* Fills verdict, success, error of the whole from its cases. Cases with ran=false become skipped. */
int judge_result(struct result *r, struct arena *arena);

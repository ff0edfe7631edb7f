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
/* Who wrote last, and how it ended, of a program and its interactor. */
struct talk_end {
	/* The interactor ended by itself: before the program did, or before it was told that the program had. */
	bool decided;
	bool stopped; /* and the program, which still ran, was stopped for that: it may not even have begun */
	uint64_t silent_usec; /* at the end, when the first of the two ended */
	const char *last;     /* "the program", "the interactor"; NULL: nobody ever wrote */
	struct text transcript;
};
/*
 * The same, of a program (c->outcome) and its interactor, once both have ended.  What ended first decides: a program that
 * failed before its interactor had decided keeps its verdict; whatever the interactor decided against it holds, however the
 * program ended then; and what it accepts, or gives points for, is worth what the program's own end is.
 */
int judge_talk(const struct plan *plan, const struct plan_step *run, const struct plan_step *check,
	       struct case_result *c, const struct box_outcome *interactor,
	       const struct talk_end *end, struct arena *arena);
/* Whether an interactor that ended so leaves nothing to be decided by its program's end. */
bool judge_talk_settled(const struct plan *plan, const struct plan_step *check,
			const struct facts *interactor);
/* Fills verdict, success, error of the whole from its cases. Cases that did not run, or were not checked, become skipped. */
int judge_result(struct result *r, struct arena *arena);

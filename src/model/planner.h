/* SPDX-License-Identifier: Apache-2.0 */
/* Request + languages + deployment limits -> plan.  Pure; needs no privilege. */
#pragma once

#include "base/arena.h"
#include "model/plan.h"
#include "model/result.h"

struct planner_config {
	const struct language_set *languages;
	struct limits defaults; /* deployment's */
	struct limits caps;
	unsigned cold; /* a bit per runner kind: it is not to be used, whatever the language says */
	unsigned repeat; /* where a request with test cases does not say it */
	unsigned lanes;	 /* so many boxes at once; 0: not known here */
};

/* Returns 0, 1 (refused, *refusal set) or a negative errno (out of memory). */
int planner_plan(const struct planner_config *c, const struct request *request, struct arena *arena,
		 struct plan *ret_plan, struct refusal *refusal);
/*
 * What planner_plan() does first where a function is to be called: *ret is the request of the program that calls it.
 */
int planner_function(const struct planner_config *c, const struct request *request,
		     struct arena *arena, const struct request **ret, struct refusal *refusal);
/* Of the files that a request names for its input and output, and of those that are taken: 0 or 1 (refused). */
int planner_files_check(const struct request *q, const struct language *l, struct refusal *refusal);
/* Puts them into a run step, whose other fields are as they will be. 0 or -ENOMEM. */
int planner_files(const struct request *q, struct arena *arena, struct plan_step *step);
/*
 * Of a plan whose request has a checker, or an interactor: what planner_plan() does last.  Refusals name fields of it.
 */
int planner_checker(const struct planner_config *c, const struct request *request,
		    struct arena *arena, const struct plan **ret, struct refusal *refusal);
int planner_interactor(const struct planner_config *c, const struct request *request,
		       struct arena *arena, const struct plan **ret, struct refusal *refusal);
/* The step that checks what case `c` of this run step printed. 0 or -ENOMEM. */
int planner_check(const struct plan *plan, const struct plan_step *run, const struct case_result *c,
		  struct arena *arena, const struct plan_step **ret);
/* The step that talks with this run step. 0 or -ENOMEM. */
int planner_talk(const struct plan *plan, const struct plan_step *run, struct arena *arena,
		 const struct plan_step **ret);

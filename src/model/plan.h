/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything decided: no defaults left, nothing done yet.  One step is one box.  Step 0 is the
 * compile step if the language has one; then one run step per test case, or a single one.
 * Points into the request, the language and the arena of the planner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/language.h"
#include "model/limits.h"
#include "model/request.h"
#include "model/text.h"
#include "model/verdict.h"

struct plan_file {
	const char *name; /* one component in /box */
	struct text content;
	unsigned mode;
};

struct plan_step {
	enum step_kind kind;
	enum runner_kind runner;
	const char *const *argv; /* NULL-terminated; argv[0] is a path in the tree or in /box */
	const char *const *envp; /* NULL-terminated, "NAME=value" */
	const char *cwd;
	const struct plan_file *files;
	size_t nfiles;
	struct text stdin_text;
	struct limits limits; /* complete */
	const char
		*artefact; /* compile: harvested from /box; run: put there (mode 0755); or NULL */
	int test;	   /* index of the test case, -1 when none */
	const char *const *outputs; /* run: paths in /box, taken out at the end */
	size_t noutputs;
	const char *answer; /* which of them is judged; NULL: stdout is */
};

#define TALK_OUTPUT "output" /* testlib's interactors write it */

struct plan_group {
	const struct request_group *asked;
	double max;	       /* points */
	bool stop;	       /* its cases one after the other, until one gets nothing */
	const size_t *depends; /* of groups before it, asked->ndepends of them */
};

/* What limits of a request are multiplied by, so that they can be said once for all languages; 1 unless something is said. */
struct planner_factors {
	double time, memory;
};

struct plan {
	const struct request *request;
	const struct language *language;
	const struct plan_step *steps;
	size_t nsteps;
	uint64_t total_wall_ms;
	struct planner_factors factors; /* that are in the limits of the steps already */
	struct request_repeat repeat;
	/*
	 * NULL: outputs are compared.  Else the checker's: its compile step, if its language has one, and one step that
	 * checks, to which planner_check() adds what a case brings.
	 */
	const struct plan *checker;
	const struct plan *interactor;	 /* NULL: nobody talks with the program. As of a checker */
	uint64_t wall_cap_ms;		 /* the deployment's, of a box */
	const struct plan_group *groups; /* request->ngroups of them */
	const size_t *group_of;		 /* of each case: its group, or request->ngroups */
	bool scored;			 /* the request speaks of points or groups */
	bool live_stdin; /* the single run step reads the caller's own stdin, as a pipe */
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came out, from facts, ready to be encoded.  `box_outcome` is one box as the backend hands it
 * over: facts and kept output.  `result` is the whole submission.  Lives in the job's arena.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/compare.h"
#include "model/facts.h"
#include "model/plan.h"
#include "model/text.h"
#include "model/verdict.h"

struct box_outcome {
	struct facts facts;
	struct text out, err; /* raw bytes kept; err may hold a line "[… N bytes left out …]" */
	bool out_truncated, err_truncated;
	const struct taken_file *files; /* as the step's outputs; NULL: none was taken */
};

/* Of one of the step's outputs; what is no output of it was not taken. */
struct taken_file outcome_file(const struct plan_step *step, const struct box_outcome *o,
			       const char *path);
/* What is judged of a run: stdout, or the file that the step names. Empty where that was not taken. */
struct text outcome_answer(const struct plan_step *step, const struct box_outcome *o);

/* What a checker, or an interactor, said of a case, and how its own box ended. */
struct case_check {
	enum verdict verdict; /* internal_error: it failed, and said nothing */
	bool at_fault;	      /* and that was its own doing, not this host's */
	double points;	      /* partial: of those that the case is worth */
	const char *comment;  /* never NULL */
	bool exited;
	int exit_code;
	const char *signal; /* NULL: none */
	uint64_t cpu_usec, wall_usec, memory_peak_bytes;
	struct text transcript;	    /* of an interactor: see judge_talk() */
	struct text output;	    /* of one whose file `output` is judged */
	enum taken output_state;    /* and whether it could be taken */
	const struct facts *denied; /* NULL: no call of it was denied */
};

/* One of several runs of a case (repeat.h). */
struct case_run {
	enum verdict verdict;
	bool unchecked; /* it ended well, and its checker was not asked, unless it is the one that counts */
	uint64_t cpu_usec, wall_usec, memory_peak_bytes;
};

struct case_result {
	bool ran;      /* false: skipped, `outcome` is empty */
	bool checking; /* it ended well, and its checker has not answered */
	enum verdict verdict;
	struct box_outcome outcome;
	const char *error; /* sentence + stderr, "" when the case ended normally with exit code 0 */
	bool passed;
	struct difference difference;	/* of a wrong answer, where the mode can say where */
	const char *comment;		/* on its answer, in words; NULL: nothing to say */
	const struct case_check *check; /* NULL: not checked */
	const struct case_check *talk;	/* of its interactor; NULL: there was none */
	bool begun;
	struct case_run *runs;	 /* NULL: it was run once; else room for all that there may be */
	size_t nruns, counted;	 /* outcome and verdict are those of runs[counted] */
	bool again;		 /* it waits to be run once more, and is not decided before */
	const char *passed_over; /* why its group does not run it; NULL: it does */
};

struct group_result {
	double points;
	enum verdict verdict; /* of its first case that was not accepted */
	size_t undecided,
		running; /* of its cases, as they are run; running: also those that are being checked */
	bool failed;	 /* one was decided and not accepted */
	bool nothing; /* one was decided and got no points */
};

struct result {
	const struct plan *plan;
	const char *id;
	bool compiled;		    /* there was a compile step */
	bool compile_cached;	    /* it was not run: the same step ran before */
	struct case_result compile; /* verdict COMPILE_ERROR, ACCEPTED, or a limit's */
	bool checker_compiled;	    /* the checker has a compile step */
	bool checker_cached;
	struct case_result checker; /* that step; as `compile` */
	bool interactor_compiled;   /* as of a checker */
	bool interactor_cached;
	struct case_result interactor;
	bool checker_failed; /* an internal error is the checker's or the interactor's fault, not this host's */
	struct case_result *cases; /* one per run step, in order */
	size_t ncases;
	struct group_result *groups; /* as plan->groups */
	double points, max_points;   /* where the plan is scored */
	const char *refused; /* NULL, or why the engine would not run it: an internal error */
	/* judged over all, by result_judge() */
	enum verdict verdict;
	bool success;
	const char *error; /* never NULL */
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many submissions against one package's tests, some of them at once: each is a job of the engine, compiled once.  What is told of
 * one outlives its job; its outputs do not.
 */
#pragma once

#include "engine/engine.h"
#include "gate/desk/job_id.h"
#include "gate/judge/package.h"

struct judge_case {
	bool ran;
	enum verdict verdict;
	uint64_t cpu_usec, wall_usec, memory_bytes;
	size_t runs;		/* these are of the best of so many */
	const char *detail;	/* printable; what was wrong, "" where nothing was */
	struct text transcript; /* of an interactor; empty where there is none */
};

struct judge_row {
	const char *path;
	unsigned promised; /* a bit per verdict; 0: nothing was */
	struct package_program program;
	struct refusal refusal; /* .rule is not empty: it was not judged */
	struct request request;
	struct plan plan;
	bool wanted; /* to be judged by the next judge_run(), … */
	bool held;   /* … but not by this one */
	/* what came of it */
	bool judged;
	enum verdict verdict;
	bool checker_failed;		   /* an internal error is its doing */
	double score;			   /* of a package that scores */
	const char *detail;		   /* of a compile step, or of what refused the whole; "" */
	struct judge_case *cases;	   /* the package's tests; in the caller's arena */
	size_t ran, passed, first_failure; /* == number of tests: none failed */
	uint64_t cpu_usec, wall_usec, memory_bytes; /* the most of any test */
	/* while it is judged */
	struct judge_run *run;
	char id[JOB_ID_BYTES];
	struct arena arena; /* of request, plan and result; owned while flying */
	bool flying, over;
};

struct judge_config {
	sd_event *loop;
	struct engine *engine;
	const struct package *package;
	struct arena *arena; /* of what is told */
	struct judge_row *rows;
	size_t nrows;
	unsigned in_flight;
	/* Request and plan of a row, in its arena. 0, 1 (refused: the row's refusal) or a negative errno with its story. */
	int (*prepare)(void *user, struct judge_row *row, struct err *err);
	/* Some test was judged. May be NULL. */
	void (*on_progress)(void *user, const struct judge_row *row);
	void *user;
};

/*
 * Judges what is wanted. 0, 128 + the signal that ended it, or a negative errno. Unless it is 0 jobs may still run: the engine is to
 * be freed next, and then judge_run_done() called.
 */
int judge_run(const struct judge_config *config, struct err *err);
void judge_run_done(struct judge_row *rows, size_t nrows);

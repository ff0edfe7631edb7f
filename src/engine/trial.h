/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether languages work here: the programs of their files (struct language_programs) are judged as any submission is, in
 * real boxes, several languages beside one another.  What they are given and must answer is the same for all.
 */
#pragma once

#include "engine/engine.h"
#include "model/planner.h"

struct trial_report {
	const struct language *language;
	bool ok;
	char why[320];	    /* not ok: which program did what, in one printable line */
	char version[64];   /* as the language's own program tells it; "" where it does not */
	uint64_t cold_nsec; /* the empty program, from order to result, with nothing made ready */
	uint64_t warm_nsec; /* again: compiled before, or forked by a running interpreter */
	uint64_t memory_kb; /* of the empty program */
	uint64_t cpu_usec;  /* of the empty program, the second time */
	enum runner_start runner;      /* that the second time went by */
	uint64_t begun_nsec, end_nsec; /* of the whole trial, 0: not yet */
};

struct trial_config {
	sd_event *loop;
	struct engine *engine;
	const struct planner_config *planner;
	unsigned beside;	  /* so many languages at once; at most as there are lanes */
	const volatile bool *end; /* true: no more is begun; may be NULL */
	void (*on_report)(void *user, const struct trial_report *report); /* may be NULL */
	void *user;
};

/*
 * Turns the loop until all are tried; reports[i].language says which, the rest is filled in.  0, or a negative errno when the
 * engine itself fails.
 */
int trial_run(const struct trial_config *c, struct trial_report *reports, size_t n,
	      struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a job know of each other. Private to job*.c. */
#pragma once

#include "engine/job.h"

/* ---- job.c ---- */

/* Takes step, result, talk and side of `as`. 0, or a negative errno with its story, and nothing runs. */
int job_begin_box(struct job *j, const struct job_box *as, struct err *err);

/* ---- job_talk.c: a program and its interactor ---- */

/* 0, or a negative errno after the case was recorded as an internal error. */
int job_talk_begin(struct job *j, size_t i);
/* Its stdin, for its order: taken over. */
int job_talk_stdin(const struct job_box *b);
void job_talk_said(const struct job_box *b, const char *data, size_t len);
void job_talk_eof(const struct job_box *b);
/* One of the two has ended. True: both have, and the case is recorded. */
bool job_talk_ended(struct job *j, const struct job_box *ended, const struct box_outcome *o);
void job_talk_done_all(struct job *j);

/* ---- job_record.c: what came out of boxes ---- */

/* Takes the outcome of a box into the arena and judges it; a case that is decided by that is told. */
void job_record(struct job *j, const struct plan_step *step, struct case_result *c,
		const struct box_outcome *outcome);
/* Takes the outcome into the arena and judges the case by it. 0 or -ENOMEM. */
int job_record_box(struct job *j, const struct plan_step *step, struct case_result *c,
		   const struct box_outcome *outcome);
/* Nothing more is run of the case: told, unless its checker has to be asked first. */
void job_record_settle(struct job *j, struct case_result *c);
/* Copies what it points to; without room for that it is a failure of ours. */
void job_keep_outcome(struct job *j, const struct plan_step *step, struct box_outcome *into,
		      const struct box_outcome *from);
/* usec: from its order to its answer, or 0. */
void job_count_box(struct job *j, const struct plan_step *step, enum verdict v,
		   const struct facts *f, uint64_t usec);
/* No memory for what comes next of a case. */
void job_record_failure(struct job *j, struct case_result *c);
/* Our own failure around a box; what the box said is dropped. */
void job_fail_outcome(struct box_outcome *o, const char *step, int error);

/* ---- job_cases.c: which case is next ---- */

/* A case has ended well, and its checker is to be asked. */
bool job_cases_has_check(const struct job *j);
/* The case that may be begun now; ncases: none. */
size_t job_cases_ready(const struct job *j);
void job_cases_begin(struct job *j, size_t i);
/* By its box, or by its checker's. */
void job_cases_decided(struct job *j, size_t i);
/* Marks those that their groups will not run any more. */
void job_cases_pass_over(struct job *j);

/* ---- job_repeat.c: cases that came near their time limit ---- */

/* As job_record_box(), of any further run: the better one counts. */
int job_repeat_record(struct job *j, const struct plan_step *step, struct case_result *c,
		      const struct box_outcome *outcome);
/* After a run of the case: whether there is to be another. Then it waits for job_repeat_take(). */
bool job_repeat_wants(struct job *j, const struct plan_step *step, struct case_result *c);
/* One is next; ready: as job_cases_ready(). */
bool job_repeat_is_next(const struct job *j, size_t ready);
struct case_result *job_repeat_take(struct job *j);
/* Nothing more is begun: what was run of them is all. */
void job_repeat_drop(struct job *j);
/* Of the box that ended last. */
enum verdict job_repeat_last(const struct plan_step *step, const struct case_result *c);

/* ---- job_made.c: what is compiled ---- */

void job_made_init(struct job *j);
void job_made_done(struct job *j);
/* The next that has to be compiled; NULL: none. */
struct job_made *job_made_next(struct job *j);
/* It was made before: its result without a box, as the compiler said it then. */
bool job_made_find(struct job *j, struct job_made *m);
/* Takes the artefact over, or -1. What is not the compiler's fault is told in the outcome. */
void job_made_take(struct job_made *m, struct box_outcome *o, int artefact_fd);
/* It compiled well: for those who come later. */
void job_made_keep(struct job *j, const struct job_made *m);
/* What this step compiles; NULL: it does not compile. */
struct job_made *job_made_by(struct job *j, const struct plan_step *step);

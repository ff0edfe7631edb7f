/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the command `judge`: what was named, read, and judged. */
#pragma once

#include "app/service.h"
#include "gate/judge/judge_progress.h"
#include "gate/judge/judge_report.h"

struct judge {
	const struct settings *settings;
	const struct option_words *words;
	struct service service; /* owned */
	struct arena arena;	/* owned: the package, and what is told */
	struct refusal refusal; /* .rule is not empty once something was refused */
	struct folder folder;	/* owned: the package */
	struct folder *sources; /* owned: what was named to be judged */
	size_t nsources;
	int junit_fd; /* owned, or -1 */
	struct package package;
	struct test_case *tests;
	struct request_checker checker, interactor;
	struct limits limits; /* of every submission, before its language's factors */
	struct limits
		said; /* of these, what nobody may lower: the package's, and the command line's */
	const char *time_from;
	struct judge_row *rows;
	size_t nrows,
		nshown; /* examples that only measure the time limit stand behind those that are shown */
	size_t tests_done;
	struct judge_progress progress;
};

/* For folder_open(): everything but what is hidden. */
bool judge_wants_all(void *user, const char *path, bool dir);
/* The package and the submissions. 0, 1 (refused) or a negative errno. */
int judge_read(struct judge *x);
/* 0 (or refused: x->refusal), 128 + a signal, or a negative errno with its story. */
int judge_submissions(struct judge *x, struct err *err);
void judge_report_of(const struct judge *x, struct judge_report *ret);

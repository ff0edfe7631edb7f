/* SPDX-License-Identifier: Apache-2.0 */
/* What came of judging a package's submissions: a table for people, JSON, JUnit's XML.  Pure. */
#pragma once

#include "gate/judge/judge_run.h"

struct judge_report {
	const struct package *package;
	const struct judge_row *rows;
	size_t nrows;
	bool verify; /* good is what was promised, not what is accepted */
	uint64_t time_ms, memory_kb;
	const char *time_from; /* where the time limit comes from, for people */
};

bool judge_report_row_good(const struct judge_report *r, const struct judge_row *row);
bool judge_report_good(const struct judge_report *r);
/* "accepted", "memory_limit or runtime_error"; always terminated. */
void judge_report_promise(unsigned promised, char *text, size_t size);
/* malloc'ed, the caller's. 0 or a negative errno. */
int judge_report_text(const struct judge_report *r, char **ret, size_t *ret_len);
int judge_report_json(const struct judge_report *r, char **ret, size_t *ret_len);
int judge_report_junit(const struct judge_report *r, char **ret, size_t *ret_len);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A result with test cases for people: a row for each case, what its groups and points come to, and a
 * last line about all.  Every byte that a stranger's program or a request has put into it is escaped.
 */
#pragma once

#include <stdio.h>

#include "model/result.h"

struct cli_usage {
	double cpu_sec, wall_sec, memory_mib; /* sums, and the most */
};

void cli_usage_add(struct cli_usage *u, const struct facts *f);
void cli_usage_print(FILE *to, const struct cli_usage *u);

/* The step of a case, behind the compile step if there is one. */
const struct plan_step *cli_table_step(const struct result *r, size_t i);
/* The evidence of a case that did not end well; nothing of one that did. */
void cli_table_sentence(FILE *to, const struct case_result *c, const struct plan_step *step);

void cli_table_print(FILE *to, const struct result *r);

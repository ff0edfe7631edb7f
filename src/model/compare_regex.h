/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions as what is expected.  The pattern is its author's, the output a stranger's, and either may be
 * made to match for ever: matching is bounded in steps, memory and cpu time.  Pure, but for the clock of the last.
 */
#pragma once

#include "model/request.h"

#define REGEX_CPU_NSEC_MAX 100000000ull /* of one match */

/* 0, 1 (no valid pattern: *ret_at is the byte, `why` PCRE2's own words), 2 (too large once compiled) or -ENOMEM. */
int compare_regex_check(struct text pattern, size_t *ret_at, char *why, size_t size);
/* 1 the whole text matches, 0 it does not, 2 undecided within the bounds; -ENOMEM. The pattern was checked. */
int compare_regex_match(struct text pattern, struct text subject);
/* The thread's cpu clock, by which that time is measured. */
uint64_t compare_regex_now_nsec(void);

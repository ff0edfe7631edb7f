/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verdict is a pure function of facts (and, for a test, of the comparison): DESIGN section 7, first
 * match wins.  VERDICTS is in that order of precedence where it matters; `doc` feeds the manual.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/facts.h"
#include "model/limits.h"

#define VERDICTS(X) \
	X(ACCEPTED, accepted, "ended with exit code 0 and, in a test, printed what was expected") \
	X(WRONG_ANSWER, wrong_answer, "ended well, but printed something else") \
	X(PRESENTATION_ERROR, presentation_error, \
	  "ended well, but the checker could not read what it printed") \
	X(PARTIAL, partial, "ended well, and the checker gave some of the points") \
	X(RUNTIME_ERROR, runtime_error, "a non-zero exit code or a signal") \
	X(COMPILE_ERROR, compile_error, "the compiler refused the source") \
	X(TIME_LIMIT, time_limit, "more cpu or wall time than allowed") \
	X(MEMORY_LIMIT, memory_limit, "the kernel ended a process for want of memory") \
	X(OUTPUT_LIMIT, output_limit, "more output than allowed") \
	X(DISK_LIMIT, disk_limit, "failed with a file too large, or no space or inode left") \
	X(PROCESS_LIMIT, process_limit, "failed after a process or thread was refused") \
	X(SECURITY_VIOLATION, security_violation, "a flood of denied calls, or a foreign ABI") \
	X(SKIPPED, skipped, "not run: an earlier failure, or the budget was spent") \
	X(INTERNAL_ERROR, internal_error, \
	  "this host failed, or the request's own checker; says nothing about the program")

enum verdict {
#define VERDICT_ENUM(id, name, doc) VERDICT_##id,
	VERDICTS(VERDICT_ENUM)
#undef VERDICT_ENUM
		VERDICT_COUNT,
};

extern const char *const verdict_names[VERDICT_COUNT];
extern const char *const verdict_docs[VERDICT_COUNT];
extern const char *const runner_start_names[STARTS]; /* "cold", "warm", "pooled" */

enum step_kind { STEP_COMPILE, STEP_RUN, STEP_CHECK, STEP_TALK };

/* What a comparison said of a test; COMPARISON_NONE outside tests. */
enum comparison { COMPARISON_NONE, COMPARISON_EQUAL, COMPARISON_DIFFERENT };

enum verdict verdict_of(const struct facts *f, const struct limits *l, enum step_kind kind,
			enum comparison comparison);

/* The program ended well; whether its answer was right is another matter. */
static inline bool verdict_is_normal(enum verdict v)
{
	return v == VERDICT_ACCEPTED || v == VERDICT_WRONG_ANSWER ||
	       v == VERDICT_PRESENTATION_ERROR || v == VERDICT_PARTIAL;
}

/* Exit code (null: ended by a signal or never ended): returns false where there is none. */
bool facts_exit_code(const struct facts *f, int *ret);
/* "SIGSEGV", or NULL where no signal ended it (or the supervisor did). */
const char *facts_signal_name(const struct facts *f);

/*
 * One plain sentence with the evidence, e.g. "Time limit: 30.004 s of cpu, 30 s allowed.";
 * empty exactly when the program ended well (verdict_is_normal).  Returns its length.
 */
size_t verdict_sentence(enum verdict v, const struct facts *f, const struct limits *l, char *text,
			size_t size);

/* Limits that were touched (names of limit_table), for `limits_hit`. Returns how many. */
size_t facts_limits_hit(const struct facts *f, const struct limits *l, const char **names,
			size_t room);

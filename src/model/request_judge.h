/* SPDX-License-Identifier: Apache-2.0 */
/* What a request says of how it is judged, beside comparisons: groups of cases, a checker. Part of request.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/limits.h"
#include "model/text.h"

#define REQUEST_GROUPS_MAX 100
#define REQUEST_POINTS_MAX 1e9 /* of a case or a group */

enum group_score { GROUP_MIN, GROUP_SUM, GROUP_SCORES };
enum group_stop { GROUP_STOP_UNSAID, GROUP_STOP, GROUP_GO_ON };

extern const char *const group_score_names[GROUP_SCORES]; /* "min", "sum" */

/* Cases that are scored together. */
struct request_group {
	const char *name;
	bool has_points;
	double points; /* else those of its cases */
	enum group_score score;
	enum group_stop stop;
	const char *const *depends; /* names of groups that stand before it */
	size_t ndepends;
};

/* What is called of the submission, in the place of running it. */
struct request_function {
	const char *name; /* "solve" or "Solution.solve" */
	double abs, rel;
};

struct request_file;

#define REQUEST_REPEAT_MAX 5
#define REQUEST_WITHIN_MAX 0.5

/* A case that came near its time limit is run again, and the best of its runs counts (model/repeat.h). */
struct request_repeat {
	bool said;
	unsigned times; /* at most so often; 0: never */
	double within; /* also one that ended well, and had less than this share of its limit left */
};

/* What the limits that a request says are multiplied by, where its program is in this language. */
struct request_factors {
	const char *language;
	double time, memory; /* 0: not said */
};

/* How a checker is told of a case, and how it answers. */
/*      id, name, doc */
#define CHECKER_PROTOCOLS_TABLE(X) \
	X(TESTLIB, testlib, \
	  "argv: input, output, answer, args; exit code 0 accepted, 1 wrong, 2, 4 or 8 presentation, 3 the test itself is wrong, 7 points") \
	X(KATTIS, kattis, \
	  "argv: input, answer, a directory, args; the output on stdin; exit code 42 accepted, 43 wrong")

enum checker_protocol {
#define CHECKER_ENUM(id, name, doc) CHECKER_##id,
	CHECKER_PROTOCOLS_TABLE(CHECKER_ENUM)
#undef CHECKER_ENUM
		CHECKER_PROTOCOLS,
};

extern const char *const checker_protocol_names[CHECKER_PROTOCOLS];

#define TRANSCRIPT_BYTES_MAX 65536

/* Who judges in the place of a comparison: a checker, or an interactor, which talks with the program. */
struct request_checker {
	struct text code;
	const char *language;
	enum checker_protocol protocol;
	const char *const *args; /* after those of the protocol */
	size_t nargs;
	const struct request_file *files;
	size_t nfiles;
	struct limits limits; /* overlay; not total_wall_ms */
	bool output_judged; /* of an interactor that accepts: its file `output`, by the comparison or the checker */
	size_t transcript_bytes; /* of an interactor: so much of each dialogue is kept */
};

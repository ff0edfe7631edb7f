/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparison of a test's raw stdout bytes with what was expected, and where the two first differ.  Pure; allocates
 * only where lines are sorted or a regular expression is matched.
 */
#pragma once

#include <stdbool.h>

#include "model/request.h"

extern const char *const compare_names[COMPARE_MODES];
extern const char *const compare_docs[COMPARE_MODES];

/* "trim, exact, …", cut where it does not fit. */
void compare_list(char *text, size_t size);

/* A piece of a line or word around the difference; points into the text that was compared. */
struct excerpt {
	struct text text;
	bool there;		    /* false: the text had ended */
	bool cut_before, cut_after; /* the line or word is longer than what is shown */
};

/* Line and column of what was printed, from 1; columns count characters. line 0: nowhere in particular. */
struct difference {
	size_t line, column;
	const char *
		file; /* of the files that were compared; NULL: of stdout, or what is judged in its place */
	struct excerpt expected, actual;
};

/* 1 equal, 0 different, 2 a regular expression could not be decided within its bounds; negative errno: no memory. */
int compare_text(const struct compare_spec *spec, struct text actual, struct text expected);
/* The same; *ret is filled where the answer is 0 or 2. */
int compare_find(const struct compare_spec *spec, struct text actual, struct text expected,
		 struct difference *ret);

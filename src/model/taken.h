/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are taken out of a box, when nobody in it is alive any more: what became of each. */
#pragma once

#include <stdint.h>

#include "model/text.h"

#define REQUEST_OUTPUTS_MAX 16u /* of one run */

/*      id, name, sentence after the file's name */
#define TAKEN_TABLE(X) \
	X(NOT, not_taken, "was not taken") \
	X(WHOLE, taken, "was taken") \
	X(MISSING, missing, "is not there") \
	X(NOT_PLAIN, not_plain, "is no plain file with one name") \
	X(TOO_LARGE, too_large, "is too large: all of them together may have output_bytes") \
	X(UNREADABLE, unreadable, "cannot be read by its owner")

enum taken {
#define TAKEN_ENUM(id, name, text) TAKEN_##id,
	TAKEN_TABLE(TAKEN_ENUM)
#undef TAKEN_ENUM
		TAKEN_STATES,
};

extern const char *const taken_names[TAKEN_STATES];
extern const char *const taken_texts[TAKEN_STATES];

struct taken_file {
	enum taken state;
	struct text content; /* where it is TAKEN_WHOLE */
};

/* NULL, or the rule that a path of a file to be taken breaks. Pure. */
const char *taken_path_fault(const char *path);

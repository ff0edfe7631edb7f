/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that the caller named: opened with the caller's rights, read after these are gone.
 */
#pragma once

#include <stdint.h>

#include "gate/cli/settings.h"

struct cli_inputs {
	const char *name;		   /* of the source, or "-" */
	int source_fd, tests_fd, stdin_fd; /* owned, or -1; a source of -1 is our stdin */
};

#define CLI_INPUTS_INIT \
	{ \
		.source_fd = -1, .tests_fd = -1, .stdin_fd = -1 \
	}

/* Returns 0 or 1 (refused: the field is the option or FILE). */
int cli_inputs_open(struct cli_inputs *in, const struct settings *s, const char *name,
		    struct refusal *refusal);
void cli_inputs_done(struct cli_inputs *in);

/* All of fd. Text is malloc'ed, the caller's. Returns 0, 1 (refused: too large) or a negative errno. */
int cli_input_read(int fd, const char *what, uint64_t max_bytes, char **ret, size_t *ret_len,
		   struct refusal *refusal);

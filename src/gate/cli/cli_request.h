/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller gave -> struct request: a body on stdin, or FILE and options. */
#pragma once

#include "base/arena.h"
#include "gate/cli/cli_input.h"
#include "model/language.h"
#include "model/request.h"

/* What is wrong with the words and options together, or NULL: one FILE, or "-" and nothing that a body says. */
const char *cli_request_check_usage(const struct settings *s, const struct option_words *words);

/* What --limit says, as an overlay. 0 or 1 (refused). */
int cli_request_limits(const struct settings *s, struct limits *ret, struct refusal *refusal);
/*
 * Reads and decodes; the caller has dropped its privileges. What the request points to lives in the
 * arena. Returns 0, 1 (refused) or a negative errno.
 */
int cli_request_read(const struct cli_inputs *in, const struct settings *s,
		     const struct option_words *words, const struct language_set *languages,
		     struct arena *arena, struct request *ret, struct refusal *refusal);

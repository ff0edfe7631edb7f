/* SPDX-License-Identifier: Apache-2.0 */
/* A result for people, or as JSON, and the exit code that goes with it.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "gate/cli/exit_code.h"
#include "model/result.h"

enum cli_mode {
	CLI_BODY, /* run -: a request's JSON in, a result's out */
	CLI_JSON, /* run --json FILE */
	CLI_TEXT, /* run FILE */
};

struct cli_report {
	char *out, *err; /* owned; what is for stdout, and for stderr */
	size_t out_len, err_len;
	enum exit_code exit_code;
};

/* quiet: for people, nothing but a compiler's messages. 0 or a negative errno. */
int cli_report_make(const struct result *r, enum cli_mode mode, bool quiet, struct cli_report *ret);
void cli_report_done(struct cli_report *r);

/* SPDX-License-Identifier: Apache-2.0 */
/* What `kodewar tree` shows of work that takes a while: a bar on a terminal, else one line for each stage, on stderr. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tree/manifest.h"

struct progress {
	unsigned stage, stages;
	const char *title;
	bool terminal, quiet;
	int percent; /* shown last */
	uint64_t shown_nsec;
	struct tree_progress tell; /* to be given away */
};

void progress_init(struct progress *p, unsigned stages, bool quiet);
void progress_stage(struct progress *p, const char *title);
/* done before: nothing is to be done for it. */
void progress_skip(struct progress *p, const char *title);
/* Leaves the line that a bar stands on. */
void progress_end(struct progress *p);

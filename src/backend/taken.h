/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a box's program left, on their way out of it: what its init writes (sandbox/harvest.h), read and taken apart. */
#pragma once

#include <stdbool.h>

#include "model/result.h"
#include "sandbox/pump.h"

struct taken_pump {
	struct pump pump; /* its fd and source are the caller's to start */
	struct taken_file files[REQUEST_OUTPUTS_MAX];
};

/* For a box of this step: bounds, and nothing read so far. */
void taken_prepare(struct taken_pump *t, const struct plan_step *step);
/* All has come: o->files, in t's own memory, or a failure of the host in o->facts. */
void taken_finish(struct taken_pump *t, const struct plan_step *step, struct box_outcome *o);
/* Pure: what came, taken apart. 0 or -EBADMSG. */
int taken_parse(struct text stream, uint64_t max_bytes, size_t n, struct taken_file *ret);

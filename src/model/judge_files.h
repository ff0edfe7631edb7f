/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a run left, against those that its case expects. Private to the judge. */
#pragma once

#include "base/arena.h"
#include "model/result.h"

/* 1: it was taken. 0: it was not, and the case's comment says why. -ENOMEM. */
int judge_files_there(const struct plan_step *step, struct case_result *c, const char *path,
		      struct arena *arena);
/* All that the case expects, by its comparison; the first difference is told with the file's name. 0 or -ENOMEM. */
int judge_files(const struct plan *plan, const struct plan_step *step, struct case_result *c,
		enum comparison *ret, struct arena *arena);

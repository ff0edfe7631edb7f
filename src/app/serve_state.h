/* SPDX-License-Identifier: Apache-2.0 */
/* The directory in which accepted jobs are kept: made, locked, and handed to the user that the gate becomes. */
#pragma once

#include "base/err.h"

#define SERVE_JOURNAL "jobs.db"

/* Before privileges are dropped. Returns a descriptor that holds the lock: one service at a time. */
int serve_state_open(const char *dir, unsigned uid, unsigned gid, struct err *err);

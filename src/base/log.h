/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two logs: the application log (one line: time, level, message, key=value…) and the security log (one JSON line per
 * event).  Files are opened before privileges are dropped; their directory belongs to the gate's user,
 * so that log_reopen() works after.  Used in engine, gate and app only, where something gives up.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

/* dir/sandbox.log and dir/security.log, made, chowned to uid:gid. dir "-": both go to stderr; NULL: dropped. */
int log_open(const char *dir, unsigned uid, unsigned gid, enum log_level min, struct err *err);
int log_reopen(struct err *err); /* SIGHUP */
void log_close(void);
void log_event(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One whole JSON object without its newline; "time" is added in front. Returns 0 or a negative errno. */
int log_security(const char *json, size_t len);

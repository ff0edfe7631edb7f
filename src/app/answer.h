/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two answers that are no result: a refusal (their request is bad) and a failure (this host is).
 * Told on stderr, and on stdout as JSON where JSON was asked for.  Each returns its exit code.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "model/request.h"

int answer_refusal(const char *command, bool json, const struct refusal *refusal);
/* id may be NULL. */
int answer_failure(const char *command, bool json, const char *id, const struct err *err);
/* Whole text on stdout: `code`, or KODEWAR_EXIT_FAILED where it could not be written. */
int answer_write(const char *text, size_t len, int code);

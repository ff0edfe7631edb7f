/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request JSON, strict: unknown fields, duplicate keys, wrong types, out-of-range numbers, invalid
 * UTF-8 and NUL in names are refused by field and rule.  Unknown languages, limits above the
 * deployment's caps, names of env, doubled files and the bytes of args are the planner's to refuse.
 */
#pragma once

#include "base/arena.h"
#include "model/request.h"

/*
 * Returns 0, 1 (refused) or a negative errno. Everything the request points to is in the arena.
 * stdin_text.data is NULL exactly when there is no "stdin".
 */
int request_json_decode(const char *body, size_t len, struct arena *arena, struct request *ret,
			struct refusal *refusal);
/*
 * The same for a bare array of test cases (`--tests FILE`), or {"test_cases": […], …} without code:
 * what it says replaces that in *into, which may be half-changed when this is refused.
 */
int request_json_decode_tests(const char *body, size_t len, struct arena *arena,
			      struct request *into, struct refusal *refusal);

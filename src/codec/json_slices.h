/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the elements of one array of a JSON object stand, without making anything of them: a thousand submissions in one
 * body are each decoded on their own, by the strict decoder, and none is copied before.  Pure.
 */
#pragma once

#include "model/request.h"
#include "model/text.h"

/*
 * The body must be an object with the one key `key`, an array of 1 to `max` objects, written to `slices`.  Only brackets,
 * strings and commas are looked at: what is between an element's braces may be no JSON at all, which its decoder
 * says.  Returns 0 or 1 (refused).
 */
int json_slices_read(const char *body, size_t len, const char *key, size_t max, struct text *slices,
		     size_t *ret_n, struct refusal *refusal);

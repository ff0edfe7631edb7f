/* SPDX-License-Identifier: Apache-2.0 */
/* Result JSON: the seed's four fields first, in their order, then ours.  One line, newline at its end. */
#pragma once

#include "model/result.h"

/* Text in *ret is malloc'ed, owned by the caller. Returns 0 or a negative errno. */
int result_json_encode(const struct result *r, char **ret, size_t *ret_len);
int result_json_encode_refusal(const struct refusal *refusal, char **ret, size_t *ret_len);
/* A failure of this host, told in the same shape: status error, verdict internal_error. */
int result_json_encode_failure(const char *id, const char *error, char **ret, size_t *ret_len);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Result JSON: the seed's four fields first, in their order, then ours (fields.h).  One line,
 * newline at its end.  Text in *ret is malloc'ed, owned by the caller.  All return 0 or a negative
 * errno.
 */
#pragma once

#include "model/result.h"

struct result_json_options {
	/* Name of a native system call number, maybe written to buf; NULL: "syscall_N" for all. */
	const char *(*syscall_name)(int nr, char *buf, size_t size);
};

/* `options` may be NULL. */
int result_json_encode(const struct result *r, const struct result_json_options *options,
		       char **ret, size_t *ret_len);
/* The i-th test result alone, as soon as it is judged: {"index":i, …as in test_results}. */
int result_json_encode_case(const struct result *r, size_t i,
			    const struct result_json_options *options, char **ret, size_t *ret_len);
int result_json_encode_refusal(const struct refusal *refusal, char **ret, size_t *ret_len);
/* A failure of this host, told in the same shape: status error, verdict internal_error. */
int result_json_encode_failure(const char *id, const char *error, char **ret, size_t *ret_len);

/* SPDX-License-Identifier: Apache-2.0 */
/* A request's target, taken apart: one decoded path, and what follows its question mark.  Pure. */
#pragma once

#include <stddef.h>

#define HTTP_URI_PAIRS_MAX 16

struct http_uri {
	char *data; /* owned: all strings below */
	const char *path;
	struct {
		const char *name, *value;
	} pairs[HTTP_URI_PAIRS_MAX];
	size_t npairs;
};

/*
 * 0, -ENOMEM, or -EINVAL for what is no target, a %XX that is none, %2F in the path, a control character, bytes that are
 * not UTF-8 or too
 * many pairs.  Dots and doubled slashes stay as they are: no route has any.
 */
int http_uri_parse(const char *raw, struct http_uri *ret);
void http_uri_done(struct http_uri *u);
/* NULL: not there. */
const char *http_uri_query(const struct http_uri *u, const char *name);

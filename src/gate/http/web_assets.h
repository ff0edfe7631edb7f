/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The playground: files of web/dist, embedded at build, with the headers that keep the page to itself.  Nothing is
 * read from disk; a path is only ever compared with the names of the table.
 */
#pragma once

#include <stddef.h>

#include "gate/http/http.h"

struct web_asset {
	const char *path; /* as asked for: "/", "/status", "/assets/app.js" … */
	const char *type;
	const char *etag; /* of the content: W/"…" */
	const char *data; /* owned by the binary, like all here */
	size_t len;
	const char *gzip; /* the same, compressed; NULL where that is not smaller */
	size_t gzip_len;
};

/* NULL: there is none. */
const struct web_asset *web_asset_find(const char *path);

/* Answers a GET or HEAD of an asset (200, or 304 where the browser has it). 1: there is no such asset, nothing was
 * answered; else 0 or a negative errno. */
int web_assets_answer(struct http_request *r);

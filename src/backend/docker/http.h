/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP to one Docker Engine, on the event loop: libcurl's multi interface over sd-event.  The engine is trusted with
 * the host, not with our memory: every answer has a bound.  Nothing is called back from within http_call().
 */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/loop.h"
#include "model/text.h"

struct http;
struct http_call;

struct http_config {
	const char *host;	   /* "unix:///path" or "tcp://name:port" */
	struct text ca, cert, key; /* tcp: PEM, read while we could; ca.data NULL: none */
};

/* status: of HTTP, or a negative errno, upon which `body` is the story. */
typedef void http_done(void *user, long status, const char *body, size_t len);

/* -EINVAL with a story where the host is none. Copies what it keeps. */
int http_new(sd_event *loop, const struct http_config *c, struct http **ret, struct err *err);
void http_free(struct http *h); /* ends what is under way without a word */
/* body NULL: none; else it is JSON, copied. NULL when out of memory. */
struct http_call *http_call(struct http *h, const char *method, const char *path, const char *body,
			    unsigned timeout_ms, http_done *done, void *user);
/* done is not called any more. */
void http_cancel(struct http_call *c);
/*
 * Goes on without the loop, for the very end, when that may not turn any more: until nothing is under way, or `ms` at
 * most.  True when nothing is.
 */
bool http_drain(struct http *h, unsigned ms);
sd_event *http_loop(const struct http *h);

/* For stream.c: a bare connection to the engine, which is told of when it stands; not owned by the call. */
struct http_call *http_connect(struct http *h, unsigned timeout_ms, http_done *done, void *user);
CURL *http_call_handle(struct http_call *c);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server: libmicrohttpd on the one loop, without threads.  It reads heads and bodies (bounded before they are
 * read whole), times slow clients out, finds the route, and sends what the route answers, at once or in a stream.
 * What requests mean is http_routes.c's business, who may ask auth.h's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"

struct http_server;
struct http_request; /* one exchange; ends by exactly one answer, or by the client's going away */

enum http_method { HTTP_GET = 1, HTTP_HEAD = 2, HTTP_POST = 4, HTTP_DELETE = 8, HTTP_OPTIONS = 16 };

struct http_config {
	sd_event *loop;
	uint64_t body_bytes_max, head_bytes_max;
	unsigned connections_max, idle_sec, body_sec; /* body_sec: for a whole request to arrive */
	void (*on_request)(void *user, struct http_request *r); /* whole, body and all */
	void *user;
};

int http_server_new(const struct http_config *c, struct http_server **ret, struct err *err);
/* Takes a listening socket over: TCP, unix, or handed in by systemd. `trusted`: unix or loopback. */
int http_server_listen(struct http_server *s, int fd, bool trusted, struct err *err);
/* Refuses new connections; those that are under way are answered. */
void http_server_quiet(struct http_server *s);
void http_server_free(struct http_server *s);

enum http_method http_method(const struct http_request *r);
const char *http_path(const struct http_request *r); /* decoded, without the query */
const char *http_query(const struct http_request *r, const char *name);	 /* NULL: not there */
const char *http_header(const struct http_request *r, const char *name); /* NULL: not there */
const char *http_body(const struct http_request *r, size_t *ret_len);
bool http_trusted(const struct http_request *r);
const char *
http_id(const struct http_request *r); /* request id, ours or X-Request-Id where sound */

/* Called once when the exchange is over, however; nothing may be sent after it. */
void http_on_end(struct http_request *r, void (*fn)(void *user, bool client_gone), void *user);
/* Before the answer. */
int http_set_header(struct http_request *r, const char *name, const char *value);
/* The whole answer; body is copied. HEAD gets the head. */
int http_answer(struct http_request *r, unsigned status, const char *type, const char *body,
		size_t len);
/* A stream: parts follow as they come. -EAGAIN from part: more than `backlog` bytes are unsent, the reader is too slow. */
int http_stream_begin(struct http_request *r, unsigned status, const char *type, size_t backlog);
int http_stream_part(struct http_request *r, const char *data, size_t len);
void http_stream_end(struct http_request *r);

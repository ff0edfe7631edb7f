/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server: libmicrohttpd on the one loop, without threads.  It reads heads and bodies (bounded before they are
 * read whole), times slow clients out, and sends what is answered, at once or in a stream.  What requests mean is the
 * business of http_routes.c.
 *
 * A request belongs to the server.  Its owner above may use it from on_head until it has answered, or until its on_end is
 * called, whichever is later for what it does: after on_end never again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "model/text.h"

struct http_server;
struct http_request; /* one exchange; ends by exactly one answer, or by the client's going away */

enum http_method {
	HTTP_OTHER = 0, /* one that no route has */
	HTTP_GET = 1,
	HTTP_HEAD = 2,
	HTTP_POST = 4,
	HTTP_DELETE = 8,
	HTTP_OPTIONS = 16,
};

struct http_config {
	sd_event *loop;
	uint64_t body_bytes_max, head_bytes_max;
	uint64_t
		bodies_bytes_max; /* of all requests together; beyond it they are refused with 503 */
	uint64_t answers_bytes_max; /* of all answers on their way; more large ones get 503 */
	unsigned connections_max;
	unsigned idle_sec; /* for a request to begin, and for a reader to take something */
	unsigned body_sec; /* for a whole request to arrive, from its first line on */
	/* The head is there. May answer: the body, if there is one, is then not kept. */
	void (*on_head)(void *user, struct http_request *r);
	/* All of it is there: answers now or later. */
	void (*on_request)(void *user, struct http_request *r);
	/* An answer of ours, where the request never got as far as a route: what goes with a status. */
	void (*on_fault)(void *user, struct http_request *r, unsigned status, const char *detail);
	void *user;
};

int http_server_new(const struct http_config *c, struct http_server **ret, struct err *err);
/* Takes a listening socket over. `trusted`: unix or loopback. */
int http_server_listen(struct http_server *s, int fd, bool trusted, struct err *err);
/* Takes body_bytes_max, bodies_bytes_max, answers_bytes_max and body_sec over, for requests that come; the rest stays as it is. */
void http_server_rebound(struct http_server *s, const struct http_config *c);
/* Refuses new connections and closes idle ones; what is under way is answered. */
void http_server_quiet(struct http_server *s);
void http_server_free(struct http_server *s);

struct http_server_counts {
	unsigned connections, requests; /* open; under way */
	uint64_t accepted, refused, timed_out, body_bytes;
};
void http_server_count(const struct http_server *s, struct http_server_counts *ret);

enum http_method http_method(const struct http_request *r);
const char *http_path(const struct http_request *r); /* decoded, without the query */
const char *http_query(const struct http_request *r, const char *name);	 /* NULL: not there */
const char *http_header(const struct http_request *r, const char *name); /* NULL: not there */
const char *http_body(const struct http_request *r, size_t *ret_len);
bool http_trusted(const struct http_request *r);
const char *http_id(const struct http_request *r);  /* ours, or X-Request-Id where sound */
unsigned http_status(const struct http_request *r); /* of the answer; 0: none yet */
uint64_t http_begun_nsec(const struct http_request *r);

/* Called once when the exchange is over, however; nothing may be sent after it. A later call replaces an earlier one. */
void http_on_end(struct http_request *r, void (*fn)(void *user, bool client_gone), void *user);
void *http_owner(const struct http_request *r); /* that user; NULL before */
/* Ends the exchange and its connection, as if the client had gone. */
void http_drop(struct http_request *r);
/* Before the answer; replaces one of the same name. 0, -ENOMEM or -E2BIG. */
int http_set_header(struct http_request *r, const char *name, const char *value);
/* The whole answer; body is copied. HEAD gets the head. Without memory the connection ends: -ENOMEM. */
int http_answer(struct http_request *r, unsigned status, const char *type, const char *body,
		size_t len);
/* A stream: parts follow as they come. */
int http_stream_begin(struct http_request *r, unsigned status, const char *type, size_t backlog);
/* -EAGAIN: more than `backlog` bytes wait for the reader already, and this part is not added. */
int http_stream_part(struct http_request *r, const char *data, size_t len);
/* The same of several, taken whole or not at all. */
int http_stream_parts(struct http_request *r, const struct text *parts, size_t n);
void http_stream_end(struct http_request *r);

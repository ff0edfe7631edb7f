/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request on its way in.  The library calls for its first line (begin), once when its head is there, for each part of
 * the body, and once more when all of it is there (access); in the end, however it ends (over).
 *
 * What is refused by its head is answered before its body is read, and the connection then ends: unless the body is
 * small, for which the connection is not worth giving up.  A chunked body has no length to be judged by: one that
 * turns out to be too large is read on for a bit, and then cut off with raw words, since the library takes no
 * answer in the middle of a body.
 *
 * Bodies that arrive are bounded together as well: each within its own limit, many clients could still fill the memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "gate/http/http_private.h"

#define BODY_FIRST_BYTES 4096u

/* ---- its first line ---- */

static struct http_conn *conn_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

void *http_exchange_begin(void *user, const char *uri, struct MHD_Connection *connection)
{
	struct http_server *s = user;
	struct http_conn *c = conn_of(connection);
	struct http_request *r;

	if (c)
		http_exchange_abandon(c);
	r = c ? calloc(1, sizeof(*r)) : NULL;
	if (!r)
		return NULL; /* http_exchange_access() ends it */
	r->server = s;
	r->conn = c;
	r->begun_nsec = clock_now_nsec();
	r->uri_error = http_uri_parse(uri, &r->uri);
	r->target_len = strlen(uri);
	c->r = r;
	c->state = CONN_ARRIVING;
	c->since_nsec = r->begun_nsec;
	s->counts.requests++;
	return r;
}

/* ---- its head ---- */

static enum http_method method_of(const char *word)
{
	static const struct {
		const char *word;
		enum http_method method;
	} known[] = {
		{ "GET", HTTP_GET },	   { "HEAD", HTTP_HEAD },	{ "POST", HTTP_POST },
		{ "DELETE", HTTP_DELETE }, { "OPTIONS", HTTP_OPTIONS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].word, word))
			return known[i].method;
	return HTTP_OTHER;
}

/* Theirs, where it can be written to a log and into a header as it is. */
static int take_id(struct http_request *r)
{
	const char *id = http_header(r, "X-Request-Id");
	size_t n = id ? strlen(id) : 0;

	if (n == 0 || n >= HTTP_ID_BYTES ||
	    strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != n)
		return job_id_make(r->id);
	memcpy(r->id, id, n + 1);
	return 0;
}

struct framing {
	unsigned hosts, lengths, encodings, odd_names;
	const char *length, *encoding;
};

static enum MHD_Result count_framing(void *user, enum MHD_ValueKind kind, const char *name,
				     const char *value)
{
	struct framing *f = user;

	if (strpbrk(name, " \t\"(),/:;<=>?@[\\]{}"))
		f->odd_names++;
	if (!strcasecmp(name, "Host")) {
		f->hosts++;
	} else if (!strcasecmp(name, "Content-Length")) {
		f->lengths++;
		f->length = value;
	} else if (!strcasecmp(name, "Transfer-Encoding")) {
		f->encodings++;
		f->encoding = value;
	}
	return MHD_YES;
}

/* What two servers in a row may read in two ways is refused: that is how requests are smuggled. */
static const char *ambiguous(const struct framing *f, const char *version)
{
	if (f->odd_names)
		return "a header's name is none";
	if (f->hosts > 1 || (f->hosts == 0 && !strcmp(version, "HTTP/1.1")))
		return "exactly one Host header is needed";
	if (f->lengths + f->encodings > 1)
		return "more than one Content-Length or Transfer-Encoding";
	if (f->encoding && strcasecmp(f->encoding, "chunked") != 0)
		return "Transfer-Encoding must be chunked";
	return NULL;
}

static void fault(struct http_request *r, unsigned status, const char *detail)
{
	const struct http_config *c = &r->server->config;

	if (r->status == 0)
		c->on_fault(c->user, r, status, detail);
}

/* In raw words: where the library takes no answer, or has no room for one. */
static enum MHD_Result cut_off_as(struct http_request *r, const struct http_refusal *refusal)
{
	int fd = fcntl(r->conn->fd, F_DUPFD_CLOEXEC, 3);

	r->status = refusal->status;
	http_refuse_as(r->conn->fd, refusal);
	if (fd >= 0)
		http_linger_add(r->server->linger, fd);
	return MHD_NO;
}

static enum MHD_Result cut_off(struct http_request *r, unsigned status, const char *reason,
			       const char *detail)
{
	struct http_refusal refusal = { .status = status, .reason = reason, .id = r->id };

	snprintf(refusal.detail, sizeof(refusal.detail), "%s", detail);
	return cut_off_as(r, &refusal);
}

static const char *too_large(const struct http_request *r, char *rule, size_t size)
{
	snprintf(rule, size, "is larger than %llu bytes",
		 (unsigned long long)r->server->config.body_bytes_max);
	return rule;
}

/* The bound may have been lowered below what is there. */
static uint64_t bodies_room(const struct http_server *s)
{
	uint64_t max = s->config.bodies_bytes_max;

	return s->bodies_bytes < max ? max - s->bodies_bytes : 0;
}

/* What is said of the body, before any of it is read. */
static void check_body(struct http_request *r, const struct framing *f)
{
	const struct http_server *s = r->server;
	uint64_t length = 0;
	char rule[64];

	r->expects_continue = http_header(r, "Expect") != NULL;
	if (f->length && parse_u64(f->length, &length) < 0)
		fault(r, 400, "Content-Length is no number");
	else if (length > s->config.body_bytes_max)
		fault(r, 413, too_large(r, rule, sizeof(rule)));
	else if (length > bodies_room(s))
		fault(r, 503, "too many large requests at once");
	/* With an answer already: is the rest read, or the connection given up? */
	r->lingers = f->encoding || length > HTTP_DRAIN_BYTES || (r->expects_continue && length);
}

static enum MHD_Result take_head(struct http_request *r, struct MHD_Connection *connection,
				 const char *method, const char *version)
{
	const struct http_config *c = &r->server->config;
	struct framing framing = { 0 };
	struct http_refusal refusal;
	const char *problem;

	r->head_seen = true;
	r->method = method_of(method);
	if (take_id(r) < 0 || r->uri_error == -ENOMEM)
		return MHD_NO;
	if (!http_head_fits(r, connection, method, &refusal))
		return cut_off_as(r, &refusal);
	MHD_get_connection_values(connection, MHD_HEADER_KIND, count_framing, &framing);
	problem = ambiguous(&framing, version);
	if (problem) {
		fault(r, 400, problem);
		r->lingers = true;
	} else if (r->uri_error) {
		fault(r, 400, "the request target is malformed");
	}
	if (!problem)
		check_body(r, &framing);
	if (r->status == 0)
		c->on_head(c->user, r);
	if (r->status == 0)
		return MHD_YES;
	r->body_unwanted = true;
	return r->lingers ? http_answer_queue(r) : MHD_YES;
}

/* ---- its body ---- */

static void drop_body(struct http_request *r)
{
	r->server->bodies_bytes -= r->body_room;
	free(r->body);
	r->body = NULL;
	r->body_len = r->body_room = 0;
}

/* Doubles as it goes: who announces much and sends little costs little, and nobody costs more than the largest body. */
static bool grow_body(struct http_request *r, size_t more)
{
	struct http_server *s = r->server;
	size_t need = r->body_len + more, room = r->body_room ? r->body_room : BODY_FIRST_BYTES;
	char *body;

	if (need <= r->body_room)
		return true;
	while (room < need)
		room *= 2;
	if (room > s->config.body_bytes_max)
		room = s->config.body_bytes_max;
	if (room - r->body_room > bodies_room(s))
		return false;
	body = realloc(r->body, room);
	if (!body)
		return false;
	s->bodies_bytes += room - r->body_room;
	r->body = body;
	r->body_room = room;
	return true;
}

static enum MHD_Result cut_off_large(struct http_request *r)
{
	struct http_refusal refusal = {
		.status = 413, .reason = "Content Too Large", .field = "body", .id = r->id
	};

	too_large(r, refusal.detail, sizeof(refusal.detail));
	return cut_off_as(r, &refusal);
}

static enum MHD_Result take_body(struct http_request *r, const char *data, size_t size)
{
	r->server->counts.body_bytes += size;
	if (r->body_too_large || r->body_unwanted) {
		r->body_len += size; /* only counted */
		if (r->body_len > r->server->config.body_bytes_max + HTTP_DRAIN_BYTES)
			return cut_off_large(r);
		return MHD_YES;
	}
	if (r->body_len + size > r->server->config.body_bytes_max) {
		size_t len = r->body_len + size;

		drop_body(r);
		r->body_too_large = true;
		r->body_len = len;
		return MHD_YES;
	}
	if (!grow_body(r, size))
		return cut_off(r, 503, "Service Unavailable", "too many large requests at once");
	memcpy(r->body + r->body_len, data, size);
	r->body_len += size;
	return MHD_YES;
}

/* ---- all of it ---- */

static enum MHD_Result take_whole(struct http_request *r, struct MHD_Connection *connection,
				  const char *method)
{
	const struct http_config *c = &r->server->config;
	struct http_refusal refusal;
	char rule[64];

	if (r->conn->state == CONN_ARRIVING) {
		if (!http_head_fits(r, connection, method, &refusal)) /* now with its trailers */
			return cut_off_as(r, &refusal);
		r->conn->state = CONN_BUSY;
		if (r->body_too_large)
			fault(r, 413, too_large(r, rule, sizeof(rule)));
		if (r->body_too_large || r->body_unwanted)
			r->body_len = 0;
		if (r->status == 0)
			c->on_request(c->user, r);
		drop_body(
			r); /* whoever was asked has his own: a job that waits must not hold others' room */
	}
	if (r->status)
		return http_answer_queue(r);
	if (http_answer_watch(r) < 0)
		return MHD_NO;
	r->suspended = true;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

enum MHD_Result http_exchange_access(void *user, struct MHD_Connection *connection, const char *url,
				     const char *method, const char *version, const char *data,
				     size_t *size, void **ret_r)
{
	struct http_request *r = *ret_r;
	size_t n = *size;

	if (!r || r->gone || r->queued)
		return MHD_NO;
	if (!r->head_seen)
		return take_head(r, connection, method, version);
	if (n == 0)
		return take_whole(r, connection, method);
	*size = 0;
	return take_body(r, data, n);
}

static void end(struct http_request *r)
{
	http_answer_done(r);
	drop_body(r);
	r->conn->r = NULL;
	r->conn->state = CONN_IDLE;
	r->conn->since_nsec = clock_now_nsec();
	r->server->counts.requests--;
	http_uri_done(&r->uri);
	free(r);
}

void http_exchange_over(void *user, struct MHD_Connection *connection, void **ret_r,
			enum MHD_RequestTerminationCode code)
{
	struct http_request *r = *ret_r;
	struct http_server *s;

	if (!r)
		return;
	s = r->server;
	*ret_r = NULL;
	if (r->lingers && r->queued && code == MHD_REQUEST_TERMINATED_COMPLETED_OK) {
		int fd = fcntl(r->conn->fd, F_DUPFD_CLOEXEC, 3);

		shutdown(r->conn->fd, SHUT_WR);
		if (fd >= 0)
			http_linger_add(s->linger, fd);
	}
	r->gone = r->gone || code != MHD_REQUEST_TERMINATED_COMPLETED_OK;
	if (s->quiet)
		shutdown(r->conn->fd, SHUT_RD);
	end(r);
}

void http_exchange_abandon(struct http_conn *c)
{
	if (!c->r)
		return;
	c->r->gone = true;
	end(c->r);
}

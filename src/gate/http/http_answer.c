/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request's answer.  Where it is not there yet the library suspends the connection, and then it does not look at it any
 * more: so we watch for the client's going away ourselves.  Who closes his half of the connection while he waits is
 * taken to be gone, since nothing tells him from one who closed all of it.
 *
 * A stream is a callback that takes what was put into a buffer; when that is empty the connection is suspended until there
 * is more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "gate/http/http_private.h"

#define STREAM_FIRST_BYTES 1024u
#define SMALL_BYTES \
	65536u /* of an answer or of a stream's growth: never refused for want of room */
#define STREAM_BLOCK_BYTES \
	1024 /* of a buffer that only HTTP/1.0 readers use, and every stream has */

/* ---- what was asked ---- */

enum http_method http_method(const struct http_request *r)
{
	return r->method;
}

const char *http_path(const struct http_request *r)
{
	return r->uri.path ? r->uri.path : "";
}

const char *http_query(const struct http_request *r, const char *name)
{
	return http_uri_query(&r->uri, name);
}

const char *http_header(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn->connection, MHD_HEADER_KIND, name);
}

const char *http_body(const struct http_request *r, size_t *ret_len)
{
	*ret_len = r->body_len;
	return r->body_len ? r->body : "";
}

bool http_trusted(const struct http_request *r)
{
	return r->conn->trusted;
}

const char *http_id(const struct http_request *r)
{
	return r->id;
}

unsigned http_status(const struct http_request *r)
{
	return r->status;
}

uint64_t http_begun_nsec(const struct http_request *r)
{
	return r->begun_nsec;
}

void *http_owner(const struct http_request *r)
{
	return r->user;
}

void http_drop(struct http_request *r)
{
	http_answer_lost(r);
}

void http_on_end(struct http_request *r, void (*fn)(void *user, bool client_gone), void *user)
{
	r->on_end = fn;
	r->user = user;
}

/* ---- its end ---- */

static void tell_end(struct http_request *r, bool client_gone)
{
	void (*fn)(void *user, bool gone) = r->on_end;

	r->on_end = NULL;
	if (fn)
		fn(r->user, client_gone);
}

static void wake(struct http_request *r)
{
	if (!r->suspended)
		return;
	r->suspended = false;
	MHD_resume_connection(r->conn->connection);
	http_server_run_soon(r->server);
}

void http_answer_lost(struct http_request *r)
{
	if (r->gone)
		return;
	r->gone = true;
	loop_source_drop(&r->gone_watch);
	shutdown(r->conn->fd, SHUT_RDWR);
	tell_end(r, true);
	wake(r);
}

static int on_gone(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct http_request *r = user;
	struct http_server *s = r->server;

	http_answer_lost(r);
	http_server_run(s);
	return 0;
}

int http_answer_watch(struct http_request *r)
{
	if (r->gone_watch)
		return 0;
	return sd_event_add_io(r->server->config.loop, &r->gone_watch, r->conn->fd, EPOLLRDHUP,
			       on_gone, r);
}

void http_answer_done(struct http_request *r)
{
	loop_source_drop(&r->gone_watch);
	tell_end(r, r->gone);
	if (r->response)
		MHD_destroy_response(r->response);
	for (size_t i = 0; i < r->nheaders; i++)
		free(r->headers[i].name);
	free(r->stream.data);
	r->server->answers_bytes -= r->answer_bytes;
	r->answer_bytes = 0;
}

/* ---- room ---- */

/* Small ones are always answered; a large one alone is, whatever its size. */
static bool take_room(struct http_request *r, size_t bytes)
{
	struct http_server *s = r->server;
	uint64_t max = s->config.answers_bytes_max;

	if (bytes > SMALL_BYTES && s->answers_bytes &&
	    (s->answers_bytes > max || bytes > max - s->answers_bytes))
		return false;
	s->answers_bytes += bytes;
	r->answer_bytes += bytes;
	return true;
}

/* ---- whole answers ---- */

int http_set_header(struct http_request *r, const char *name, const char *value)
{
	size_t n = strlen(name) + 1, v = strlen(value) + 1, at = 0;
	char *text;

	while (at < r->nheaders && strcasecmp(r->headers[at].name, name) != 0)
		at++;
	if (at == HTTP_HEADERS_MAX)
		return -E2BIG;
	text = malloc(n + v);
	if (!text)
		return -ENOMEM;
	memcpy(text, name, n);
	memcpy(text + n, value, v);
	if (at == r->nheaders)
		r->nheaders++;
	else
		free(r->headers[at].name);
	r->headers[at].name = text;
	r->headers[at].value = text + n;
	return 0;
}

static int add_headers(struct http_request *r)
{
	for (size_t i = 0; i < r->nheaders; i++)
		if (MHD_add_response_header(r->response, r->headers[i].name, r->headers[i].value) !=
		    MHD_YES)
			return -ENOMEM;
	if (r->server->quiet &&
	    MHD_add_response_header(r->response, "Connection", "close") != MHD_YES)
		return -ENOMEM;
	return 0;
}

/* The library holds it from here on. MHD_NO ends the connection. */
enum MHD_Result http_answer_queue(struct http_request *r)
{
	if (!r->response || r->gone)
		return MHD_NO;
	r->queued = true;
	/* A stream's client may go at any time; one that is sent a whole answer is found out by sending. */
	if (!r->streaming)
		loop_source_drop(&r->gone_watch);
	else if (http_answer_watch(r) < 0)
		return MHD_NO;
	return MHD_queue_response(r->conn->connection, r->status, r->response);
}

static int set_response(struct http_request *r, unsigned status, const char *type,
			struct MHD_Response *response)
{
	int e = 0;

	r->status = status;
	r->response = response;
	if (!response || (type && http_set_header(r, "Content-Type", type) < 0) ||
	    http_set_header(r, "X-Request-Id", r->id) < 0 || add_headers(r) < 0) {
		if (response)
			MHD_destroy_response(response);
		r->response = NULL;
		e = -ENOMEM;
	}
	wake(r);
	return e;
}

int http_answer(struct http_request *r, unsigned status, const char *type, const char *body,
		size_t len)
{
	const struct http_config *c = &r->server->config;
	struct MHD_Response *response;

	if (r->gone)
		return -EPIPE;
	if (r->status)
		return -EALREADY;
	if (!take_room(r, len)) {
		c->on_fault(c->user, r, 503, "too many large answers at once");
		return -ENOBUFS;
	}
	response = MHD_create_response_from_buffer(len, (void *)(uintptr_t)body,
						   MHD_RESPMEM_MUST_COPY);
	return set_response(r, status, type, response);
}

/* ---- streams ---- */

static ssize_t read_stream(void *user, uint64_t pos, char *buf, size_t max)
{
	struct http_request *r = user;
	size_t n = r->stream.len - r->stream.at;

	if (r->gone)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (n == 0 && r->stream_ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0) {
		r->suspended = true;
		MHD_suspend_connection(r->conn->connection);
		return 0;
	}
	n = n < max ? n : max;
	memcpy(buf, r->stream.data + r->stream.at, n);
	r->stream.at += n;
	return (ssize_t)n;
}

int http_stream_begin(struct http_request *r, unsigned status, const char *type, size_t backlog)
{
	struct MHD_Response *response;

	if (r->gone)
		return -EPIPE;
	if (r->status)
		return -EALREADY;
	r->streaming = true;
	r->stream.backlog = backlog;
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES,
						     read_stream, r, NULL);
	return set_response(r, status, type, response);
}

/* What is sent makes room first; only then the buffer grows. */
static int stream_room(struct http_request *r, size_t more)
{
	size_t left = r->stream.len - r->stream.at;
	size_t room = r->stream.room ? r->stream.room : STREAM_FIRST_BYTES;
	char *data;

	if (left > r->stream.backlog)
		return -EAGAIN;
	if (left)
		memmove(r->stream.data, r->stream.data + r->stream.at, left);
	r->stream.at = 0;
	r->stream.len = left;
	while (room < left + more)
		room *= 2;
	if (room == r->stream.room)
		return 0;
	if (!take_room(r, room - r->stream.room))
		return -EAGAIN;
	data = realloc(r->stream.data, room);
	if (!data)
		return -ENOMEM; /* the room is given back at the end */
	r->stream.data = data;
	r->stream.room = room;
	return 0;
}

int http_stream_parts(struct http_request *r, const struct text *parts, size_t n)
{
	size_t len = 0;
	int e;

	if (r->gone || r->stream_ended)
		return -EPIPE;
	for (size_t i = 0; i < n; i++)
		len += parts[i].len;
	e = stream_room(r, len);
	if (e < 0)
		return e;
	for (size_t i = 0; i < n; i++) {
		memcpy(r->stream.data + r->stream.len, parts[i].data, parts[i].len);
		r->stream.len += parts[i].len;
	}
	if (r->queued)
		wake(r);
	return 0;
}

int http_stream_part(struct http_request *r, const char *data, size_t len)
{
	return http_stream_parts(r, &(const struct text){ data, len }, 1);
}

void http_stream_end(struct http_request *r)
{
	r->stream_ended = true;
	if (r->queued)
		wake(r);
}

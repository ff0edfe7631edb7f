/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is under the gate: as much of libmicrohttpd as it calls, and the server without sockets.  Of responses it is
 * checked that no header ends where a stranger's byte wants it to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fuzz_http.h"
#include "gate/http/web_assets.h"

static bool refused;

/* ---- the library: requests ---- */

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *c,
							enum MHD_ConnectionInfoType type, ...)
{
	if (type == MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE) {
		c->info.header_size = c->head_len;
		return &c->info;
	}
	must(type == MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	c->info.socket_context = c->conn;
	return &c->info;
}

const char *MHD_lookup_connection_value(struct MHD_Connection *c, enum MHD_ValueKind kind,
					const char *key)
{
	must(kind == MHD_HEADER_KIND);
	for (size_t i = 0; i < c->nheaders; i++)
		if (!strcasecmp(c->headers[i].name, key))
			return c->headers[i].value;
	return NULL;
}

int MHD_get_connection_values(struct MHD_Connection *c, enum MHD_ValueKind kind,
			      MHD_KeyValueIterator fn, void *user)
{
	if (kind != MHD_HEADER_KIND)
		return 0;
	for (size_t i = 0; i < c->nheaders; i++)
		if (fn(user, kind, c->headers[i].name, c->headers[i].value) != MHD_YES)
			break;
	return (int)c->nheaders;
}

void MHD_suspend_connection(struct MHD_Connection *c)
{
	must(!c->suspended);
	c->suspended = true;
}

void MHD_resume_connection(struct MHD_Connection *c)
{
	must(c->suspended);
	c->suspended = false;
}

/* ---- the library: responses ---- */

void MHD_destroy_response(struct MHD_Response *r)
{
	must(r->refs > 0);
	if (--r->refs)
		return;
	for (size_t i = 0; i < r->nheaders; i++)
		free(r->headers[i]);
	free(r->body);
	free(r);
}

struct MHD_Response *MHD_create_response_from_buffer(size_t size, void *buffer,
						     enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *r = calloc(1, sizeof(*r));

	must(mode == MHD_RESPMEM_MUST_COPY);
	if (!r)
		return NULL;
	r->refs = 1;
	r->len = size;
	r->body = malloc(size + 1);
	if (!r->body) {
		free(r);
		return NULL;
	}
	memcpy(r->body, buffer, size);
	r->body[size] = '\0';
	return r;
}

struct MHD_Response *MHD_create_response_from_callback(uint64_t size, size_t block_size,
						       MHD_ContentReaderCallback read, void *user,
						       MHD_ContentReaderFreeCallback done)
{
	struct MHD_Response *r = calloc(1, sizeof(*r));

	must(size == MHD_SIZE_UNKNOWN && block_size > 0 && !done);
	if (!r)
		return NULL;
	*r = (struct MHD_Response){ .refs = 1, .read = read, .user = user };
	return r;
}

enum MHD_Result MHD_add_response_header(struct MHD_Response *r, const char *name, const char *value)
{
	size_t n = strlen(name) + strlen(value) + 3;

	must(!strpbrk(name, ": \r\n") && !strpbrk(value, "\r\n"));
	must(r->nheaders < sizeof(r->headers) / sizeof(*r->headers));
	r->headers[r->nheaders] = malloc(n);
	if (!r->headers[r->nheaders])
		return MHD_NO;
	snprintf(r->headers[r->nheaders++], n, "%s: %s", name, value);
	return MHD_YES;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *c, unsigned status,
				   struct MHD_Response *r)
{
	must(!c->queued && !c->suspended && status >= 200 && status < 600);
	c->queued = true;
	c->status = status;
	c->response = r;
	r->refs++;
	return MHD_YES;
}

void fuzz_connection_done(struct MHD_Connection *c)
{
	if (c->response)
		MHD_destroy_response(c->response);
	c->response = NULL;
}

/* ---- the server ---- */

static struct http_server server;

struct http_server *fuzz_server(void)
{
	return &server;
}

int http_server_new(const struct http_config *c, struct http_server **ret, struct err *err)
{
	server.config = *c;
	*ret = &server;
	return 0;
}

void http_server_free(struct http_server *s)
{
}

void http_server_rebound(struct http_server *s, const struct http_config *c)
{
	s->config = *c;
}

void http_server_run(struct http_server *s)
{
}

void http_server_run_soon(struct http_server *s)
{
}

void http_refuse(int fd, unsigned status, const char *reason, const char *detail)
{
	must(!refused && status >= 400);
	refused = true;
}

void http_refuse_as(int fd, const struct http_refusal *w)
{
	must(!strpbrk(w->field, "\"\\\r\n") && !strpbrk(w->detail, "\"\\\r\n"));
	http_refuse(fd, w->status, w->reason, w->detail);
}

bool fuzz_refused(void)
{
	bool was = refused;

	refused = false;
	return was;
}

void http_linger_add(struct http_linger *l, int fd)
{
	close(fd);
}

/* ---- routes without a stranger's words in them ---- */

#define SERVE(name) \
	void http_serve_##name(struct http_call *call) \
	{ \
		http_answer(call->request, 200, "application/json", "{}", 2); \
	}
SERVE(languages)
SERVE(capabilities)
SERVE(openapi)
SERVE(health)
SERVE(ready)
SERVE(metrics)
SERVE(page)

const char *http_takes_none(const struct http_gate *g)
{
	return NULL;
}

static const struct web_asset page;

const struct web_asset *web_asset_find(const char *path)
{
	return !strcmp(path, "/") ? &page : NULL;
}

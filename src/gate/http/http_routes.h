/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every route, one row each: what it is, who serves it, what it takes and gives.  The server finds its way by this
 * table, and /v1/openapi.json is printed from it.  To add one: a row, and its handler in http_call.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "gate/http/http.h"

struct http_call;

/* Parameters; http_params[] tells of each. */
enum http_param {
	PARAM_ID = 1,
	PARAM_WAIT = 2,
	PARAM_PRIORITY = 4,
	PARAM_DEADLINE = 8,
	PARAM_KEY = 16,
	PARAM_PREFER = 32,
	PARAM_LAST_EVENT = 64,
	PARAM_TRACE = 128,
};

struct http_param_info {
	enum http_param bit;
	const char *name, *in; /* path, query or header */
	const char *schema;    /* JSON */
	const char *doc;
};

enum http_route_flags {
	ROUTE_OPEN = 1,	   /* needs no token */
	ROUTE_SUBMITS = 2, /* makes jobs: rate, drain and layers apply */
	ROUTE_PAGE = 4,	   /* the page's files, whatever their paths; not in the OpenAPI document */
};

struct http_reply {
	unsigned status;	   /* 0: end of the list */
	const char *type, *schema; /* schema: a name in the document, or NULL */
	const char *doc;
};

struct http_route {
	enum http_method method; /* GET serves HEAD as well */
	const char *path;	 /* one {id} at most */
	const char *name;	 /* operationId */
	const char *doc;
	unsigned flags, params;
	const char *body; /* schema of its body; NULL: none */
	struct http_reply replies[4];
	unsigned problems[12]; /* statuses; 0: end of the list */
	void (*serve)(struct http_call *call);
};

extern const struct http_route http_routes[];
extern const size_t http_routes_len;
extern const struct http_param_info http_params[];
extern const size_t http_params_len;

#define HTTP_ROUTE_ID_BYTES 40

struct http_match {
	const struct http_route *route; /* NULL: none */
	unsigned allowed;		/* methods that the path has; 0: there is no such path */
	char id[HTTP_ROUTE_ID_BYTES];	/* what stood at {id} */
};

void http_match(enum http_method method, const char *path, struct http_match *ret);
/* "GET, HEAD, OPTIONS" */
void http_allow(unsigned methods, char *text, size_t size);

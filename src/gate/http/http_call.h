/* SPDX-License-Identifier: Apache-2.0 */
/* One request that has found its route, and what the files that serve routes share. Private to the HTTP gate. */
#pragma once

#include <sys/queue.h>

#include "gate/http/http_gate.h"
#include "gate/http/http_routes.h"
#include "gate/http/problem.h"

#define HTTP_BATCH_MAX 1000

struct http_batch;

struct http_call {
	struct http_gate *gate;
	struct http_request *request;
	const struct http_route *route; /* NULL: none was found */
	char id[HTTP_ROUTE_ID_BYTES];
	char tenant[AUTH_NAME_BYTES];
	const char *trace; /* the request's own header, or NULL */
	/* at the desk */
	bool asking;		      /* an answer of the desk is due, with this call as its user */
	struct desk_watch *watch;     /* owned */
	bool cancels;		      /* who goes away cancels the job that is watched */
	sd_event_source *timer;	      /* owned: the end of a long poll */
	struct http_batch *batch;     /* owned */
	LIST_ENTRY(http_call) stream; /* of the gate's streams, while streaming */
	bool streaming;
};

struct http_gate {
	struct http_gate_config config;
	struct http_server *server; /* owned */
	char *openapi;		    /* owned; made when it is first asked for */
	size_t openapi_len;
	sd_event_source *heartbeat; /* owned */
	LIST_HEAD(http_calls, http_call) streams;
	uint64_t answers[6]; /* by the first digit of their status; [0]: the client was gone */
	bool draining;
};

/* http_guard.c: everything that is judged by the head. May answer; false then. */
bool http_guard_check(struct http_call *call, unsigned allowed);

/* http_jobs.c */
void http_serve_execute(struct http_call *call);
void http_serve_submit(struct http_call *call);
void http_serve_job(struct http_call *call);
void http_serve_cancel(struct http_call *call);
void http_serve_events(struct http_call *call);
void http_jobs_end(struct http_call *call, bool client_gone);
/* Fills everything but the body from headers and query; 1: answered with a problem. */
int http_jobs_ask(struct http_call *call, struct desk_tenant *tenant, struct desk_ask *ret);
/* The problem of an answer that is no job. */
void http_jobs_problem(const struct desk_answer *answer, struct problem *ret);
/* {"id":…}; malloc'ed, NULL without memory. */
char *http_jobs_text(struct http_call *call, const struct desk_job *job, size_t *ret_len);

/* http_batch.c */
void http_serve_batch(struct http_call *call);
void http_batch_free(struct http_batch *b);

/* http_sse.c */
int http_sse_begin(struct http_call *call);
/* After the result nothing follows. Who does not read is cut off, and the call is over. */
void http_sse_event(struct http_call *call, const struct desk_event *event);
void http_sse_end(struct http_call *call);
int http_sse_heartbeat(struct http_gate *g);

/* http_info.c, http_openapi.c, http_metrics.c */
void http_serve_languages(struct http_call *call);
void http_serve_capabilities(struct http_call *call);
void http_serve_openapi(struct http_call *call);
void http_serve_health(struct http_call *call);
void http_serve_ready(struct http_call *call);
void http_serve_metrics(struct http_call *call);
void http_serve_page(struct http_call *call);
int http_openapi_encode(const char *version, const struct limits *caps, char **ret,
			size_t *ret_len);
/* Why submissions are refused now, or NULL. */
const char *http_takes_none(const struct http_gate *g);
/* The same, or why none would be judged. */
const char *http_not_ready(const struct http_gate *g);

/* SPDX-License-Identifier: Apache-2.0 */
/* See http_routes.h. */
#include "gate/http/http_routes.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/http/http_call.h"
#include "gate/http/web_assets.h"

#define JSON "application/json"
#define SSE "text/event-stream"
#define SUBMIT_PARAMS (PARAM_PRIORITY | PARAM_DEADLINE | PARAM_KEY | PARAM_TRACE)
#define SUBMIT_PROBLEMS \
	{ \
		400, 401, 403, 408, 409, 413, 415, 422, 429, 431, 500, 503 \
	}

const struct http_param_info http_params[] = {
	{ PARAM_ID, "id", "path", "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{32}$\"}",
	  "the job's id, as it was given" },
	{ PARAM_WAIT, "wait", "query",
	  "{\"type\":\"integer\",\"minimum\":0,\"maximum\":60,\"default\":0}",
	  "seconds to wait for the job's end before answering" },
	{ PARAM_PRIORITY, "priority", "query",
	  "{\"type\":\"integer\",\"minimum\":-9,\"maximum\":9,\"default\":0}",
	  "among one's own waiting jobs, higher goes first" },
	{ PARAM_DEADLINE, "deadline_ms", "query",
	  "{\"type\":\"integer\",\"minimum\":1,\"maximum\":86400000}",
	  "a job that has not begun by then ends as internal_error, milliseconds" },
	{ PARAM_KEY, "Idempotency-Key", "header",
	  "{\"type\":\"string\",\"minLength\":1,\"maxLength\":200,\"pattern\":\"^[!-~]+$\"}",
	  "the same key and body again give the job that they made, not another" },
	{ PARAM_PREFER, "Prefer", "header", "{\"type\":\"string\"}",
	  "respond-async: answer 202 at once, as POST /v1/jobs does; other preferences are left aside" },
	{ PARAM_LAST_EVENT, "Last-Event-ID", "header",
	  "{\"type\":\"integer\",\"minimum\":0,\"maximum\":9007199254740991,\"default\":0}",
	  "events after this one; what a browser sends when it comes back" },
	{ PARAM_TRACE, "traceparent", "header", "{\"type\":\"string\"}",
	  "W3C trace context: logged, and passed through; what is none is left aside" },
};
const size_t http_params_len = ARRAY_SIZE(http_params);

const struct http_route http_routes[] = {
	{ HTTP_POST,
	  "/v1/execute",
	  "execute",
	  "Runs a submission and answers with its result; with Accept: text/event-stream with its events as they happen. "
	  "A client that goes away cancels it",
	  ROUTE_SUBMITS,
	  SUBMIT_PARAMS | PARAM_PREFER,
	  "Request",
	  { { 200, JSON, "Result", "judged, whatever the verdict" },
	    { 200, SSE, "Event",
	      "a stream of events: queued, compiling, running, case, output, and at last result" },
	    { 202, JSON, "Job", "Prefer: respond-async was asked for" } },
	  SUBMIT_PROBLEMS,
	  http_serve_execute },
	{ HTTP_POST,
	  "/v1/jobs",
	  "submitJob",
	  "Accepts a submission: once this is answered it is on disk, and is judged even if the service ends in between",
	  ROUTE_SUBMITS,
	  SUBMIT_PARAMS,
	  "Request",
	  { { 202, JSON, "Job", "accepted" } },
	  SUBMIT_PROBLEMS,
	  http_serve_submit },
	{ HTTP_GET,
	  "/v1/jobs/{id}",
	  "getJob",
	  "How a job stands, and its result when it is over",
	  0,
	  PARAM_ID | PARAM_WAIT,
	  NULL,
	  { { 200, JSON, "Job", "the job" } },
	  { 400, 401, 403, 404, 431, 503 },
	  http_serve_job },
	{ HTTP_DELETE,
	  "/v1/jobs/{id}",
	  "cancelJob",
	  "Cancels a job: what runs of it is killed, and its result says so",
	  0,
	  PARAM_ID,
	  NULL,
	  { { 200, JSON, "Job", "it was over already" },
	    { 202, JSON, "Job", "it is being cancelled" } },
	  { 400, 401, 403, 404, 431, 503 },
	  http_serve_cancel },
	{ HTTP_GET,
	  "/v1/jobs/{id}/events",
	  "getJobEvents",
	  "A job's events, those that happened already first, as Server-Sent Events",
	  0,
	  PARAM_ID | PARAM_LAST_EVENT,
	  NULL,
	  { { 200, SSE, "Event",
	      "a stream of events: queued, compiling, running, case, output, and at last result" } },
	  { 400, 401, 403, 404, 431, 503 },
	  http_serve_events },
	{ HTTP_POST,
	  "/v1/batches",
	  "submitBatch",
	  "Accepts up to 1000 submissions, each a job of its own: one entry for each, in their order, a job or a problem",
	  ROUTE_SUBMITS,
	  SUBMIT_PARAMS,
	  "Batch",
	  { { 202, JSON, "BatchAnswer", "one entry for each" } },
	  { 400, 401, 403, 408, 413, 415, 422, 429, 431, 503 },
	  http_serve_batch },
	{ HTTP_GET,
	  "/v1/languages",
	  "getLanguages",
	  "Languages, their names and limits",
	  0,
	  0,
	  NULL,
	  { { 200, JSON, "Languages", "the languages" } },
	  { 400, 401, 403, 431, 503 },
	  http_serve_languages },
	{ HTTP_GET,
	  "/v1/capabilities",
	  "getCapabilities",
	  "Which layers really bite here, which runners are warm, what is allowed",
	  0,
	  0,
	  NULL,
	  { { 200, JSON, "Capabilities", "found by attacking them at the start" } },
	  { 400, 401, 403, 431, 503 },
	  http_serve_capabilities },
	{ HTTP_GET,
	  "/v1/openapi.json",
	  "getOpenApi",
	  "This document",
	  ROUTE_OPEN,
	  0,
	  NULL,
	  { { 200, JSON, NULL, "OpenAPI 3.1" } },
	  { 400, 403, 431, 503 },
	  http_serve_openapi },
	{ HTTP_GET,
	  "/healthz",
	  "getHealth",
	  "Whether the service lives",
	  ROUTE_OPEN,
	  0,
	  NULL,
	  { { 200, JSON, "Health", "it does" } },
	  { 400, 403, 431, 503 },
	  http_serve_health },
	{ HTTP_GET,
	  "/readyz",
	  "getReadiness",
	  "Whether it takes submissions",
	  ROUTE_OPEN,
	  0,
	  NULL,
	  { { 200, JSON, "Health", "it does" } },
	  { 400, 403, 431, 503 },
	  http_serve_ready },
	{ HTTP_GET,
	  "/metrics",
	  "getMetrics",
	  "Counters and gauges for Prometheus",
	  0,
	  0,
	  NULL,
	  { { 200, "text/plain", NULL, "Prometheus text format 0.0.4" } },
	  { 400, 401, 403, 431, 503 },
	  http_serve_metrics },
	{ HTTP_GET,
	  "/",
	  "getPage",
	  "The playground",
	  ROUTE_OPEN | ROUTE_PAGE,
	  0,
	  NULL,
	  { { 0 } },
	  { 0 },
	  http_serve_page },
};
const size_t http_routes_len = ARRAY_SIZE(http_routes);

/* What stands at {id}: one segment, not empty. */
static bool match_path(const struct http_route *route, const char *path, char *id)
{
	const char *brace = strchr(route->path, '{');
	size_t head = brace ? (size_t)(brace - route->path) : 0, n;

	id[0] = '\0';
	if (route->flags & ROUTE_PAGE)
		return web_asset_find(path);
	if (!brace)
		return !strcmp(path, route->path);
	if (strncmp(path, route->path, head) != 0)
		return false;
	path += head;
	n = strcspn(path, "/");
	if (n == 0 || strcmp(path + n, strchr(brace, '}') + 1) != 0)
		return false;
	/* An id that is too long is none of ours: nothing is found under "". */
	if (n < HTTP_ROUTE_ID_BYTES) {
		memcpy(id, path, n);
		id[n] = '\0';
	}
	return true;
}

void http_match(enum http_method method, const char *path, struct http_match *ret)
{
	enum http_method want = method == HTTP_HEAD ? HTTP_GET : method;
	char id[HTTP_ROUTE_ID_BYTES];

	*ret = (struct http_match){ 0 };
	for (size_t i = 0; i < http_routes_len; i++) {
		const struct http_route *route = &http_routes[i];

		if (!match_path(route, path, id))
			continue;
		ret->allowed |= route->method | (route->method == HTTP_GET ? HTTP_HEAD : 0);
		if (route->method == want && !ret->route) {
			ret->route = route;
			memcpy(ret->id, id, sizeof(id));
		}
	}
	if (ret->allowed)
		ret->allowed |= HTTP_OPTIONS;
}

void http_allow(unsigned methods, char *text, size_t size)
{
	static const char *const words[] = { "GET", "HEAD", "POST", "DELETE", "OPTIONS" };
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (methods & 1u << i && n < size)
			n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", words[i]);
}

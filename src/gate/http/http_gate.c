/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to its route.  A call is made when the head is there, and lives until the exchange is over: what the
 * route still waits for at the desk is ended there, in one place, however the exchange ended.
 */
#include "gate/http/http_gate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "gate/http/http_call.h"

#define HEARTBEAT_USEC (15 * 1000000ull)

static const char *method_name(const struct http_request *r)
{
	switch (http_method(r)) {
	case HTTP_GET: return "GET";
	case HTTP_HEAD: return "HEAD";
	case HTTP_POST: return "POST";
	case HTTP_DELETE: return "DELETE";
	case HTTP_OPTIONS: return "OPTIONS";
	default: return "OTHER";
	}
}

/* The path may hold anything that somebody typed, so it is the route's that is logged. */
static void log_call(const struct http_call *c, bool client_gone)
{
	const struct http_request *r = c->request;
	uint64_t usec = (clock_now_nsec() - http_begun_nsec(r)) / 1000;

	log_event(LOG_LEVEL_INFO,
		  "http request=%s method=%s route=%s status=%u usec=%llu tenant=%s%s%s%s",
		  http_id(r), method_name(r), c->route ? c->route->path : "none", http_status(r),
		  (unsigned long long)usec, c->tenant, c->trace ? " trace=" : "",
		  c->trace ? c->trace : "", client_gone ? " gone" : "");
}

static void on_end(void *user, bool client_gone)
{
	struct http_call *c = user;
	unsigned status = http_status(c->request);

	c->gate->answers[client_gone || status >= 600 ? 0 : status / 100]++;
	log_call(c, client_gone);
	http_jobs_end(c, client_gone);
	http_sse_end(c);
	http_batch_free(c->batch);
	loop_source_drop(&c->timer);
	free(c);
}

/* W3C Trace Context, level 1; anything else is as good as none. */
static const char *sound_trace(const char *trace)
{
	static const char form[] = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";

	if (!trace || strlen(trace) != sizeof(form) - 1)
		return NULL;
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		bool hex = strchr("0123456789abcdef", trace[i]) != NULL;

		if (form[i] == 'x' ? !hex : trace[i] != '-')
			return NULL;
	}
	return trace;
}

static struct http_call *call_new(struct http_gate *g, struct http_request *r)
{
	struct http_call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->gate = g;
	c->request = r;
	c->trace = sound_trace(http_header(r, "traceparent"));
	http_on_end(r, on_end, c);
	http_set_header(r, "X-Content-Type-Options", "nosniff");
	if (c->trace)
		http_set_header(r, "traceparent", c->trace);
	return c;
}

static void on_head(void *user, struct http_request *r)
{
	struct http_gate *g = user;
	struct http_call *c = call_new(g, r);
	struct http_match match;

	if (!c) {
		problem_answer(r, &PROBLEM(503, "out of memory"));
		return;
	}
	http_match(http_method(r), http_path(r), &match);
	c->route = match.route;
	memcpy(c->id, match.id, sizeof(c->id));
	http_guard_check(c, match.allowed);
}

static void on_request(void *user, struct http_request *r)
{
	struct http_call *c = http_owner(r);

	c->route->serve(c);
}

static void on_fault(void *user, struct http_request *r, unsigned status, const char *detail)
{
	struct problem p = PROBLEM(status, detail);
	char words[128];

	if (status == 503)
		p.retry_after_sec = 1;
	if (status == 413) { /* as `kodewar run -` has it */
		snprintf(words, sizeof(words), "body: %s", detail);
		p.detail = words;
		p.field = "body";
		p.rule = detail;
	}
	problem_answer(r, &p);
}

static int on_heartbeat(sd_event_source *source, uint64_t usec, void *user)
{
	http_sse_heartbeat(user);
	sd_event_source_set_time(source, clock_now_nsec() / 1000 + HEARTBEAT_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int http_gate_new(const struct http_gate_config *config, struct http_gate **ret, struct err *err)
{
	struct http_gate *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return err_set(err, ENOMEM, "make the HTTP gate");
	LIST_INIT(&g->streams);
	g->config = *config;
	g->config.http.on_head = on_head;
	g->config.http.on_request = on_request;
	g->config.http.on_fault = on_fault;
	g->config.http.user = g;
	r = sd_event_add_time(config->http.loop, &g->heartbeat, CLOCK_MONOTONIC,
			      clock_now_nsec() / 1000 + HEARTBEAT_USEC, 0, on_heartbeat, g);
	if (r < 0)
		err_set(err, r, "put the HTTP gate on the loop");
	else
		r = http_server_new(&g->config.http, &g->server, err);
	if (r < 0) {
		http_gate_free(g);
		return r;
	}
	*ret = g;
	return 0;
}

struct http_server *http_gate_server(struct http_gate *g)
{
	return g->server;
}

void http_gate_rebound(struct http_gate *g, const struct http_gate_config *c)
{
	g->config.hosts = c->hosts;
	g->config.origins = c->origins;
	g->config.backlog_bytes = c->backlog_bytes;
	g->config.http.body_bytes_max = c->http.body_bytes_max;
	http_server_rebound(g->server, &c->http);
	free(TAKE_PTR(g->openapi)); /* it tells the caps */
}

void http_gate_drain(struct http_gate *g)
{
	g->draining = true;
}

void http_gate_free(struct http_gate *g)
{
	if (!g)
		return;
	http_server_free(g->server);
	loop_source_drop(&g->heartbeat);
	free(g->openapi);
	free(g);
}

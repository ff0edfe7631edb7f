/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is judged by a request's head alone, before its body is read: where it comes from, who asks, and whether now.
 *
 * A service on loopback is within reach of every web page that its user opens.  So a page of another origin is refused
 * (Origin), a name that leads here by a trick of DNS is (Host, wherever no token is asked for), and a body must be of
 * the type that no page can send elsewhere without asking first (Content-Type).  CORS opens this for named origins.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "gate/http/http_call.h"

static bool refuse(struct http_call *c, unsigned status, const char *detail)
{
	problem_answer(c->request, &PROBLEM(status, detail));
	return false;
}

/* ---- Host ---- */

static bool in_list(const char *const *list, const char *word, size_t len)
{
	for (; list && *list; list++)
		if (strlen(*list) == len && !strncasecmp(*list, word, len))
			return true;
	return false;
}

/* Without the port; an IPv6 address keeps its brackets. */
static size_t host_len(const char *host)
{
	return *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
}

static bool is_loopback(const char *host, size_t len)
{
	static const char tail[] = ".localhost";
	size_t n = sizeof(tail) - 1;

	if ((len == 9 && !strncasecmp(host, "localhost", 9)) ||
	    (len == 5 && !strncmp(host, "[::1]", 5)) ||
	    (len > n && !strncasecmp(host + len - n, tail, n)))
		return true;
	return len > 4 && !strncmp(host, "127.", 4) && strspn(host, "0123456789.") == len;
}

static bool host_ok(const struct http_call *c)
{
	const char *host = http_header(c->request, "Host");
	size_t len = host ? host_len(host) : 0;

	if (!host) /* HTTP/1.0, which no browser speaks */
		return true;
	return is_loopback(host, len) || in_list(c->gate->config.hosts, host, len);
}

/* ---- Origin ---- */

static bool origin_ok(const struct http_call *c, const char *origin)
{
	const char *host = http_header(c->request, "Host");
	const char *at = strstr(origin, "://");

	if (in_list(c->gate->config.origins, "*", 1) ||
	    in_list(c->gate->config.origins, origin, strlen(origin)))
		return true;
	return at && host && !strcasecmp(at + 3, host);
}

/* It comes back in the answer's head, for which there is not endless room: a name of DNS has 253 bytes at most. */
static bool origin_sound(const char *origin)
{
	return strlen(origin) <= 300;
}

static void allow_origin(struct http_call *c, const char *origin)
{
	struct http_request *r = c->request;

	http_set_header(r, "Access-Control-Allow-Origin", origin);
	http_set_header(r, "Vary", "Origin");
	http_set_header(r, "Access-Control-Expose-Headers",
			"X-Request-Id, Location, Retry-After, traceparent");
}

static bool answer_options(struct http_call *c, unsigned allowed)
{
	struct http_request *r = c->request;
	char allow[64];

	http_allow(allowed, allow, sizeof(allow));
	http_set_header(r, "Allow", allow);
	if (http_header(r, "Access-Control-Request-Method")) {
		http_set_header(r, "Access-Control-Allow-Methods", allow);
		http_set_header(r, "Access-Control-Allow-Headers",
				"Authorization, Content-Type, Idempotency-Key, Last-Event-ID, "
				"Prefer, X-Request-Id, traceparent");
		http_set_header(r, "Access-Control-Max-Age", "600");
	}
	http_answer(r, 204, NULL, "", 0);
	return false;
}

/* ---- all of it ---- */

static bool check_route(struct http_call *c, unsigned allowed)
{
	char allow[64];

	if (!allowed)
		return refuse(c, 404, "there is nothing at this path");
	if (http_method(c->request) == HTTP_OPTIONS)
		return answer_options(c, allowed);
	if (c->route)
		return true;
	http_allow(allowed, allow, sizeof(allow));
	http_set_header(c->request, "Allow", allow);
	return refuse(c, 405, "this path does not take this method");
}

static bool check_tenant(struct http_call *c)
{
	const struct auth_tenant *tenant;

	if (!auth_required(c->gate->config.auth) && !http_trusted(c->request))
		return refuse(c, 401, "this service has no tokens, and does not serve strangers");
	tenant = auth_find(c->gate->config.auth, http_header(c->request, "Authorization"));
	if (!tenant) {
		http_set_header(c->request, "WWW-Authenticate", "Bearer realm=\"kodewar\"");
		return refuse(c, 401, "a token is needed: Authorization: Bearer TOKEN");
	}
	snprintf(c->tenant, sizeof(c->tenant), "%s", tenant->desk.name);
	return true;
}

static bool is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t n = sizeof(json) - 1;

	return type && !strncasecmp(type, json, n) && (!type[n] || strchr("; \t", type[n]));
}

/* Its words are a stranger's, and come back in ours. */
static bool check_encoding(struct http_call *c)
{
	static const char rule[] = "must be identity, or not there: bodies are read as they are";
	const char *encoding = http_header(c->request, "Content-Encoding");
	char shown[48], detail[sizeof(shown) + sizeof(rule) + 32];
	struct problem p = PROBLEM(415, detail);

	if (!encoding || !*encoding || !strcasecmp(encoding, "identity"))
		return true;
	snprintf(shown, sizeof(shown), "%s", encoding);
	for (char *at = shown; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	snprintf(detail, sizeof(detail), "Content-Encoding: %s: %s", shown, rule);
	p.field = "Content-Encoding";
	p.rule = rule;
	http_set_header(c->request, "Accept-Encoding", "identity");
	problem_answer(c->request, &p);
	return false;
}

static bool check_submission(struct http_call *c)
{
	const char *why = http_takes_none(c->gate);
	struct problem p;
	unsigned wait;

	if (why) {
		p = PROBLEM(503, why);
		p.retry_after_sec = 5;
		problem_answer(c->request, &p);
		return false;
	}
	wait = auth_take(c->gate->config.auth, c->tenant);
	if (!wait)
		return true;
	p = PROBLEM(429, "this tenant's rate is used up");
	p.retry_after_sec = wait;
	problem_answer(c->request, &p);
	return false;
}

bool http_guard_check(struct http_call *c, unsigned allowed)
{
	const char *origin = http_header(c->request, "Origin");

	if (!auth_required(c->gate->config.auth) && !host_ok(c))
		return refuse(c, 403,
			      "this Host is neither loopback nor one of the configured hosts");
	if (origin && (!origin_sound(origin) || !origin_ok(c, origin)))
		return refuse(c, 403, "this Origin is not one of the configured origins");
	if (origin)
		allow_origin(c, origin);
	if (!check_route(c, allowed))
		return false;
	if (!(c->route->flags & ROUTE_OPEN) && !check_tenant(c))
		return false;
	if (c->route->method == HTTP_POST && !is_json(http_header(c->request, "Content-Type")))
		return refuse(c, 415, "Content-Type must be application/json");
	if (c->route->method == HTTP_POST && !check_encoding(c))
		return false;
	return !(c->route->flags & ROUTE_SUBMITS) || check_submission(c);
}

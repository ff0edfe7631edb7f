/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See api.h.  Each cause for which an engine cannot be talked to has its own sentence, since they have different cures:
 * nobody listens, the socket is not ours to use, what listens is no engine, its API is too old.
 */
#include "backend/docker/api.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define PING_MS 10000

struct api {
	struct http *http; /* owned */
	char host[256], version[64];
	unsigned minor;
};

struct api_call {
	struct http_call *http;
	api_done *done;
	void *user;
};

static void on_done(void *user, long status, const char *body, size_t len)
{
	struct api_call c = *(struct api_call *)user;
	json_error_t e;
	json_t *json = status < 0 ? NULL : json_loadb(body, len, 0, &e);
	const char *why = status < 0 ? body : "";

	free(user);
	if (status >= 400) {
		const char *message = json_string_value(json_object_get(json, "message"));

		why = message ? message : body;
	}
	c.done(c.user, status, json, why);
	json_decref(json);
}

void api_path(const struct api *a, char path[API_PATH_BYTES], const char *fmt, ...)
{
	int n = snprintf(path, API_PATH_BYTES, "/v1.%u", a->minor);
	va_list args;

	va_start(args, fmt);
	vsnprintf(path + n, API_PATH_BYTES - (size_t)n, fmt, args);
	va_end(args);
}

struct api_call *api_call(struct api *a, const char *method, const char *path, json_t *body,
			  api_done *done, void *user)
{
	struct api_call *c = calloc(1, sizeof(*c));
	_cleanup_free_ char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	char full[API_PATH_BYTES];

	api_path(a, full, "%s", path);
	if (c && (text || !body)) {
		*c = (struct api_call){ .done = done, .user = user };
		c->http = http_call(a->http, method, full, text, API_CALL_MS, on_done, c);
	}
	json_decref(body);
	if (c && c->http)
		return c;
	free(c);
	return NULL;
}

void api_cancel(struct api_call *c)
{
	if (c)
		http_cancel(c->http);
	free(c);
}

/* ---- waited for ---- */

struct waiting {
	bool done;
	long status;
	json_t *json; /* owned */
	char why[ERR_TEXT_BYTES - 64];
};

static void on_waited(void *user, long status, json_t *json, const char *why)
{
	struct waiting *w = user;

	w->done = true;
	w->status = status;
	w->json = json_incref(json);
	snprintf(w->why, sizeof(w->why), "%s", why);
	w->why[strcspn(w->why, "\n")] = '\0';
}

int api_wait(struct api *a, const char *method, const char *path, json_t *body, long *ret_status,
	     json_t **ret_json, struct err *err)
{
	struct waiting w = { .done = false };
	struct api_call *c = api_call(a, method, path, body, on_waited, &w);
	int r = c ? 0 : -ENOMEM;

	while (r >= 0 && !w.done)
		r = sd_event_run(http_loop(a->http), UINT64_MAX);
	if (r < 0 && !w.done) {
		api_cancel(c);
		return err_set(err, r, "ask the engine");
	}
	if (ret_status)
		*ret_status = w.status;
	if (w.status < 0) {
		err_set(err, 0, "%s: %s", a->host, w.why);
		r = (int)w.status;
	} else if (w.status >= 400) {
		err_set(err, 0, "the engine refuses %s %.80s: %s", method, path, w.why);
		r = -EREMOTEIO;
	} else {
		r = 0;
		if (ret_json)
			*ret_json = TAKE_PTR(w.json);
	}
	json_decref(w.json);
	return r;
}

/* ---- the first word ---- */

struct ping {
	bool done;
	long status;
	json_t *json;
	char why[200];
};

static void on_ping(void *user, long status, const char *body, size_t len)
{
	struct ping *p = user;

	p->done = true;
	p->status = status;
	p->json = status == 200 ? json_loadb(body, len, 0, NULL) : NULL;
	snprintf(p->why, sizeof(p->why), "%.*s", (int)strcspn(body, "\n"), body);
}

static int tell_silence(const struct api *a, const struct ping *p, struct err *err)
{
	switch (p->status) {
	case -ENOENT:
		err_set(err, 0,
			"no engine at %s: there is no such socket; is the Docker daemon running?",
			a->host);
		break;
	case -ECONNREFUSED:
		err_set(err, 0,
			"no engine at %s: nobody listens there; is the Docker daemon running?",
			a->host);
		break;
	case -EACCES:
	case -EPERM:
		err_set(err, 0,
			"may not use %s: the socket or the certificate is not ours to use (%s)",
			a->host, p->why);
		break;
	default:
		if (p->status < 0)
			err_set(err, 0, "no engine at %s: %s", a->host, p->why);
		else
			err_set(err, 0, "what listens at %s is no Docker Engine: status %ld",
				a->host, p->status);
	}
	return p->status < 0 ? (int)p->status : -EPROTO;
}

/* /version is asked without a version, so that every engine answers; it has both ends of what the engine speaks. */
static int negotiate(struct api *a, const json_t *version, struct err *err)
{
	const char *newest = json_string_value(json_object_get(version, "ApiVersion"));
	const char *oldest = json_string_value(json_object_get(version, "MinAPIVersion"));
	const char *engine = json_string_value(json_object_get(version, "Version"));
	unsigned top = 0, bottom = 0;

	snprintf(a->version, sizeof(a->version), "%s", engine ? engine : "unknown");
	if (!newest || sscanf(newest, "1.%u", &top) != 1)
		return err_set(err, 0, "what listens at %s tells no API version", a->host), -EPROTO;
	if (oldest)
		sscanf(oldest, "1.%u", &bottom);
	if (top < API_OLDEST || bottom > API_NEWEST) {
		err_set(err, 0,
			"the engine's API is too %s: it speaks 1.%u to 1.%u, we 1.%d to 1.%d",
			top < API_OLDEST ? "old" : "new", bottom, top, API_OLDEST, API_NEWEST);
		return -EPROTONOSUPPORT;
	}
	a->minor = top < API_NEWEST ? top : API_NEWEST;
	return 0;
}

static int ask(struct api *a, sd_event *loop, const char *path, struct ping *p, struct err *err)
{
	struct http_call *c;
	int r = 0;

	*p = (struct ping){ .done = false };
	c = http_call(a->http, "GET", path, NULL, PING_MS, on_ping, p);
	if (!c)
		return err_set(err, ENOMEM, "ask the engine");
	while (r >= 0 && !p->done)
		r = sd_event_run(loop, UINT64_MAX);
	if (!p->done) {
		http_cancel(c);
		return err_set(err, r, "ask the engine");
	}
	return p->status == 200 ? 0 : tell_silence(a, p, err);
}

int api_open(sd_event *loop, const struct http_config *c, struct api **ret, struct err *err)
{
	struct api *a = calloc(1, sizeof(*a));
	struct ping p;
	int r;

	if (!a)
		return err_set(err, ENOMEM, "ask the engine");
	snprintf(a->host, sizeof(a->host), "%s", c->host);
	r = http_new(loop, c, &a->http, err);
	if (r == 0)
		r = ask(a, loop, "/_ping", &p, err);
	if (r == 0)
		r = ask(a, loop, "/version", &p, err);
	if (r == 0) {
		r = negotiate(a, p.json, err);
		json_decref(p.json);
	}
	if (r < 0) {
		api_free(a);
		return r;
	}
	*ret = a;
	return 0;
}

void api_free(struct api *a)
{
	if (!a)
		return;
	http_free(a->http);
	free(a);
}

unsigned api_minor(const struct api *a)
{
	return a->minor;
}

const char *api_engine_version(const struct api *a)
{
	return a->version;
}

struct http *api_http(struct api *a)
{
	return a->http;
}

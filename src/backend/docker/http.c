/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See http.h.  curl tells which sockets it waits for and until when; each is one source of the loop.  What
 * has ended is looked for after each of curl's turns, and told from there: a callback may make and cancel calls, but a
 * call that is over is taken off curl first.
 */
#include "backend/docker/http.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define ANSWER_MAX_BYTES (8u << 20)
#define CONNECT_MS 5000

struct http_call {
	struct http *http;
	CURL *easy;		    /* owned */
	struct curl_slist *headers; /* owned */
	http_done *done;
	void *user;
	bool connect_only, over;
	char *body; /* owned */
	size_t len;
	char why[CURL_ERROR_SIZE];
	LIST_ENTRY(http_call) link;
};

struct http {
	sd_event *loop; /* owned reference */
	CURLM *multi;	/* owned */
	sd_event_source *timer;
	char *socket_path, *base;  /* owned */
	struct text ca, cert, key; /* borrowed */
	LIST_HEAD(http_call_list, http_call) calls;
	bool draining; /* nothing is asked of the loop any more */
};

static void call_free(struct http_call *c)
{
	LIST_REMOVE(c, link);
	curl_multi_remove_handle(c->http->multi, c->easy);
	curl_easy_cleanup(c->easy);
	curl_slist_free_all(c->headers);
	free(c->body);
	free(c);
}

/* ---- curl's turns ---- */

static int errno_of(const struct http_call *c, CURLcode code)
{
	long os = 0;

	curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os);
	switch (code) {
	case CURLE_COULDNT_CONNECT: return os ? -(int)os : -ECONNREFUSED;
	case CURLE_COULDNT_RESOLVE_HOST: return -EHOSTUNREACH;
	case CURLE_OPERATION_TIMEDOUT: return -ETIMEDOUT;
	case CURLE_OUT_OF_MEMORY: return -ENOMEM;
	case CURLE_WRITE_ERROR: return -EMSGSIZE; /* ours: longer than an answer may be */
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_PEER_FAILED_VERIFICATION: return -EACCES;
	default: return -EPROTO;
	}
}

static void finish(struct http_call *c, CURLcode code)
{
	long status = 0;

	if (code != CURLE_OK) {
		status = errno_of(c, code);
		if (!*c->why)
			snprintf(c->why, sizeof(c->why), "%s", curl_easy_strerror(code));
		c->done(c->user, status, c->why, strlen(c->why));
	} else {
		curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
		c->done(c->user, status, c->body ? c->body : "", c->len);
	}
}

/* A connection that stands stays curl's, and its call ours, until it is cancelled. */
static void tell_finished(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct http_call *c = NULL;
		CURLcode code = m->data.result;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
		if (m->msg != CURLMSG_DONE || !c || c->over)
			continue;
		c->over = true;
		if (c->connect_only) {
			finish(c, code);
			continue;
		}
		finish(c, code);
		call_free(c);
	}
}

static int on_socket(sd_event_source *s, int fd, uint32_t revents, void *user)
{
	struct http *h = user;
	int running, what = (revents & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
			    (revents & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
			    (revents & EPOLLERR ? CURL_CSELECT_ERR : 0);

	curl_multi_socket_action(h->multi, fd, what, &running);
	tell_finished(h);
	return 0;
}

static int on_timer(sd_event_source *s, uint64_t usec, void *user)
{
	struct http *h = user;
	int running;

	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	tell_finished(h);
	return 0;
}

/*
 * Nothing can be asked of a loop that has ended; http_drain() goes on without it.  That is no failure: to curl a
 * callback that fails is the end of everything.
 */
static bool is_alone(const struct http *h)
{
	return h->draining || sd_event_get_state(h->loop) >= SD_EVENT_EXITING;
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
	sd_event_source *s = assigned;
	struct http *h = user;
	uint32_t events =
		(what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

	if (what == CURL_POLL_REMOVE) {
		loop_source_drop(&s);
		curl_multi_assign(h->multi, fd, NULL);
	} else if (is_alone(h)) {
		return 0;
	} else if (s) {
		sd_event_source_set_io_events(s, events);
	} else {
		if (sd_event_add_io(h->loop, &s, fd, events, on_socket, h) < 0)
			return -1;
		curl_multi_assign(h->multi, fd, s);
	}
	return 0;
}

static int watch_time(CURLM *multi, long ms, void *user)
{
	struct http *h = user;

	if (is_alone(h))
		return 0;
	if (ms < 0)
		return sd_event_source_set_enabled(h->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
	if (sd_event_source_set_time_relative(h->timer, (uint64_t)ms * 1000) < 0)
		return -1;
	return sd_event_source_set_enabled(h->timer, SD_EVENT_ONESHOT) < 0 ? -1 : 0;
}

/* ---- calls ---- */

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
	struct http_call *c = user;
	size_t more = size * n;
	char *grown;

	if (more > ANSWER_MAX_BYTES - c->len)
		return 0;
	grown = realloc(c->body, c->len + more + 1);
	if (!grown)
		return 0;
	memcpy(grown + c->len, data, more);
	c->body = grown;
	c->len += more;
	grown[c->len] = '\0';
	return more;
}

static struct curl_blob blob(struct text t)
{
	return (struct curl_blob){ (void *)(uintptr_t)t.data, t.len, CURL_BLOB_NOCOPY };
}

static void set_tls(CURL *easy, const struct http *h)
{
	struct curl_blob ca = blob(h->ca), cert = blob(h->cert), key = blob(h->key);

	if (!h->ca.data)
		return;
	curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &ca);
	curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &cert);
	curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* The environment's proxies are not asked: the engine is where the operator said that it is. */
static struct http_call *call_new(struct http *h, const char *path, unsigned timeout_ms,
				  http_done *done, void *user)
{
	struct http_call *c = calloc(1, sizeof(*c));
	char url[1024];

	if (!c)
		return NULL;
	c->easy = curl_easy_init();
	if (!c->easy) {
		free(c);
		return NULL;
	}
	*c = (struct http_call){ .http = h, .easy = c->easy, .done = done, .user = user };
	snprintf(url, sizeof(url), "%s%s", h->base, path);
	curl_easy_setopt(c->easy, CURLOPT_URL, url);
	if (h->socket_path)
		curl_easy_setopt(c->easy, CURLOPT_UNIX_SOCKET_PATH, h->socket_path);
	set_tls(c->easy, h);
	curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, h->ca.data ? "https" : "http");
	curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->why);
	curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
	LIST_INSERT_HEAD(&h->calls, c, link);
	return c;
}

static struct http_call *begin(struct http_call *c)
{
	if (curl_multi_add_handle(c->http->multi, c->easy) == CURLM_OK)
		return c;
	call_free(c);
	return NULL;
}

struct http_call *http_call(struct http *h, const char *method, const char *path, const char *body,
			    unsigned timeout_ms, http_done *done, void *user)
{
	struct http_call *c = call_new(h, path, timeout_ms, done, user);
	struct curl_slist *headers;

	if (!c)
		return NULL;
	curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, method);
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(c->easy, CURLOPT_NOBODY, 1L);
	if (strcmp(method, "POST") == 0) {
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE, body ? (long)strlen(body) : 0L);
		curl_easy_setopt(c->easy, CURLOPT_COPYPOSTFIELDS, body ? body : "");
		headers = curl_slist_append(NULL, "Content-Type: application/json");
		c->headers = headers ? curl_slist_append(headers, "Expect:") : NULL;
		curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
	}
	return begin(c);
}

struct http_call *http_connect(struct http *h, unsigned timeout_ms, http_done *done, void *user)
{
	struct http_call *c = call_new(h, "/", 0, done, user);

	if (!c)
		return NULL;
	c->connect_only = true;
	curl_easy_setopt(c->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
	return begin(c);
}

CURL *http_call_handle(struct http_call *c)
{
	return c->easy;
}

static bool is_busy(const struct http *h)
{
	const struct http_call *c;

	LIST_FOREACH(c, &h->calls, link)
	if (!c->over)
		return true;
	return false;
}

bool http_drain(struct http *h, unsigned ms)
{
	uint64_t until = clock_now_nsec() + ms * NSEC_PER_MSEC;
	int running;

	h->draining = true;
	while (clock_now_nsec() < until) {
		curl_multi_perform(h->multi, &running);
		tell_finished(h);
		/* Not what curl calls running: what it has done and we have not told may begin something new. */
		if (!is_busy(h))
			return true;
		curl_multi_poll(h->multi, NULL, 0, 20, NULL);
	}
	return false;
}

void http_cancel(struct http_call *c)
{
	if (c)
		call_free(c);
}

sd_event *http_loop(const struct http *h)
{
	return h->loop;
}

/* ---- birth and end ---- */

static int parse_tcp(struct http *h, const struct http_config *c, struct err *err)
{
	const char *at = c->host + strlen("tcp://");

	if (!*at || strpbrk(at, "/?#@ "))
		return err_set(err, 0, "\"%s\" must be tcp://NAME:PORT", c->host), -EINVAL;
	if (!c->ca.data)
		return err_set(err, 0,
			       "\"%s\" needs TLS with certificates (--docker-tls DIR): whoever "
			       "reaches an engine is root there",
			       c->host),
		       -EINVAL;
	h->ca = c->ca;
	h->cert = c->cert;
	h->key = c->key;
	return asprintf(&h->base, "https://%s", at) < 0
		       ? err_set(err, ENOMEM, "connect to the engine")
		       : 0;
}

static int parse_host(struct http *h, const struct http_config *c, struct err *err)
{
	if (strncmp(c->host, "tcp://", 6) == 0)
		return parse_tcp(h, c, err);
	if (strncmp(c->host, "unix:///", 8) != 0)
		return err_set(err, 0, "\"%s\" must be unix:///PATH or tcp://NAME:PORT", c->host),
		       -EINVAL;
	h->socket_path = strdup(c->host + strlen("unix://"));
	h->base = strdup("http://docker");
	return h->socket_path && h->base ? 0 : err_set(err, ENOMEM, "connect to the engine");
}

int http_new(sd_event *loop, const struct http_config *c, struct http **ret, struct err *err)
{
	struct http *h;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, EIO, "start libcurl");
	h = calloc(1, sizeof(*h));
	if (!h)
		return err_set(err, ENOMEM, "connect to the engine");
	LIST_INIT(&h->calls);
	h->loop = sd_event_ref(loop);
	h->multi = curl_multi_init();
	r = parse_host(h, c, err);
	if (r == 0 && (!h->multi ||
		       sd_event_add_time(loop, &h->timer, CLOCK_MONOTONIC, 0, 1, on_timer, h) < 0))
		r = err_set(err, ENOMEM, "connect to the engine");
	if (r < 0) {
		http_free(h);
		return r;
	}
	sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, watch_time);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	*ret = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	while (!LIST_EMPTY(&h->calls))
		call_free(LIST_FIRST(&h->calls));
	if (h->multi)
		curl_multi_cleanup(h->multi);
	loop_source_drop(&h->timer);
	free(h->socket_path);
	free(h->base);
	sd_event_unref(h->loop);
	free(h);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See container.h.  Attach comes before start, so that not a byte is missed; the runner's hello may come before the
 * engine has answered the start.  Containers keep no log (the engine would write every output to its disk) and are not removed
 * by the engine itself: whether memory ran out can only be asked of one that is still there.
 *
 * When we die, the engine closes the container's stdin; the runner ends at that, and the container with it.
 */
#include "backend/docker/container.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "backend/docker/frames.h"
#include "base/cleanup.h"
#include "base/clock.h"

#define GREET_USEC (30ull * 1000 * 1000)
#define BURY_MS 10000
#define REMOVALS_MAX 20
#define REMOVE_AGAIN_USEC 100000
#define ENDED_POLLS 40 /* of 50 ms: how long an engine may take to notice the end */

struct live {
	struct container base; /* first */
	struct containers *all;
	struct container_events events;
	void *user;
	struct api_call *call; /* owned; the one under way */
	struct stream *stream; /* owned */
	struct frames frames;
	sd_event_source *timer;
	bool gone, attached, hung_up;
	bool in_engine; /* create or start is under way: neither is to be broken off */
	unsigned polls, removals;
	char stderr_text[200]; /* of the runtime, where it could not even start the runner */
	size_t stderr_len;
	struct container_end end;
};

struct containers {
	struct api *api;
	const struct spec_host *host;
	uint32_t next_uid;
	LIST_HEAD(container_list, container) list;
};

static struct live *live_of(struct container *c)
{
	return (struct live *)(void *)c;
}

static void live_free(struct live *x)
{
	LIST_REMOVE(&x->base, link);
	loop_source_drop(&x->timer);
	api_cancel(x->call);
	stream_free(x->stream);
	free(x);
}

/* ---- the end ---- */

static void tell_gone(struct live *x)
{
	if (x->gone || x->base.state == CONTAINER_OVER)
		return;
	x->gone = true;
	if (x->events.on_gone)
		x->events.on_gone(x->user, &x->end);
}

static void fail(struct live *x, const char *step, int error, const char *why)
{
	snprintf(x->end.step, sizeof(x->end.step), "%s", step);
	snprintf(x->end.why, sizeof(x->end.why), "%.*s", (int)strcspn(why, "\r\n"), why);
	x->end.error = error;
	tell_gone(x);
}

static void inspect(struct live *x);
static void remove_it(struct live *x);

static int on_poll(sd_event_source *s, uint64_t usec, void *user)
{
	inspect(user);
	return 0;
}

static void arm(struct live *x, uint64_t usec, sd_event_time_handler_t fn)
{
	loop_source_drop(&x->timer);
	sd_event_add_time_relative(http_loop(api_http(x->all->api)), &x->timer, CLOCK_MONOTONIC,
				   usec, 1000, fn, x);
}

static void on_inspected(void *user, long status, json_t *json, const char *why)
{
	struct live *x = user;
	json_t *state = json_object_get(json, "State");

	x->call = NULL;
	if (status != 200 || !state) {
		fail(x, "docker-inspect", status < 0 ? (int)status : -EREMOTEIO, why);
		return;
	}
	/* The connection ends a moment before the engine takes note. */
	if (json_is_true(json_object_get(state, "Running")) && x->polls++ < ENDED_POLLS) {
		arm(x, 50000, on_poll);
		return;
	}
	if (json_is_true(json_object_get(state, "Running"))) {
		fail(x, "docker-attach", -EPIPE, "the engine hung up on a running container");
		return;
	}
	x->end.oom_killed = json_is_true(json_object_get(state, "OOMKilled"));
	x->end.exit_code = (int)json_integer_value(json_object_get(state, "ExitCode"));
	snprintf(x->end.why, sizeof(x->end.why), "%s",
		 x->stderr_len ? x->stderr_text :
				 json_string_value(json_object_get(state, "Error")) ?: "");
	tell_gone(x);
}

static void inspect(struct live *x)
{
	char path[128];

	snprintf(path, sizeof(path), "/containers/%s/json", x->base.id);
	x->call = api_call(x->all->api, "GET", path, NULL, on_inspected, x);
	if (!x->call)
		fail(x, "docker-inspect", -ENOMEM, "");
}

/* ---- the wire ---- */

static void on_message(void *user, uint32_t kind, const void *data, size_t len)
{
	struct live *x = user;

	if (x->base.state == CONTAINER_OVER)
		return;
	if (kind != INBOX_HELLO || x->base.state != CONTAINER_MAKING) {
		if (x->base.state == CONTAINER_MAKING)
			return; /* before its hello a runner has nothing to say but that it failed */
		if (x->events.on_message)
			x->events.on_message(x->user, kind, data, len);
		return;
	}
	memcpy(&x->base.hello, data, sizeof(x->base.hello));
	if (x->base.hello.magic != INBOX_MAGIC) {
		fail(x, "docker-hello", -EPROTO,
		     "the image's kodewar-inbox is of another version or machine");
		return;
	}
	x->base.state = CONTAINER_READY;
	loop_source_drop(&x->timer);
	if (x->events.on_ready)
		x->events.on_ready(x->user);
}

static void on_data(void *user, int stream, const char *data, size_t len)
{
	struct live *x = user;
	size_t room = sizeof(x->stderr_text) - 1 - x->stderr_len;

	if (x->base.state == CONTAINER_OVER || x->gone)
		return;
	if (stream == 2) {
		size_t n = len < room ? len : room;

		memcpy(x->stderr_text + x->stderr_len, data, n);
		x->stderr_len += n;
	} else if (frames_feed(&x->frames, data, len) < 0) {
		fail(x, "docker-frames", -EPROTO, "what runs in the container is no kodewar-inbox");
	}
}

static void on_room(void *user)
{
	struct live *x = user;

	if (x->base.state == CONTAINER_TAKEN && x->events.on_room)
		x->events.on_room(x->user);
}

static void on_end(void *user, int error, const char *why)
{
	struct live *x = user;

	if (x->base.state == CONTAINER_OVER || x->gone)
		return;
	if (!x->attached) {
		fail(x, "docker-attach", error ? error : -EPIPE, why);
		return;
	}
	x->hung_up = true;
	/* While it is being started, the answer to that tells more. */
	if (!x->call)
		inspect(x);
}

static void on_started(void *user, long status, json_t *json, const char *why)
{
	struct live *x = user;

	x->call = NULL;
	x->in_engine = false;
	if (x->base.state == CONTAINER_OVER)
		remove_it(x);
	else if (status < 0 || status >= 400)
		fail(x, "docker-start", status < 0 ? (int)status : -EREMOTEIO, why);
	else if (x->hung_up)
		inspect(x);
}

static int on_silent(sd_event_source *s, uint64_t usec, void *user)
{
	fail(user, "docker-hello", -ETIMEDOUT, "the runner did not say hello in time");
	return 0;
}

static void on_open(void *user)
{
	struct live *x = user;
	char path[128];

	x->attached = true;
	if (x->base.state == CONTAINER_OVER)
		return;
	snprintf(path, sizeof(path), "/containers/%s/start", x->base.id);
	x->call = api_call(x->all->api, "POST", path, NULL, on_started, x);
	x->in_engine = x->call != NULL;
	if (!x->call)
		fail(x, "docker-start", -ENOMEM, "");
	arm(x, GREET_USEC, on_silent);
}

static void on_created(void *user, long status, json_t *json, const char *why)
{
	static const struct stream_events events = {
		.on_open = on_open, .on_data = on_data, .on_room = on_room, .on_end = on_end
	};
	const char *id = json_string_value(json_object_get(json, "Id"));
	struct live *x = user;
	char path[API_PATH_BYTES];

	x->call = NULL;
	x->in_engine = false;
	if (status != 201 || !id || strlen(id) != 64) {
		if (x->base.state == CONTAINER_OVER)
			live_free(x);
		else
			fail(x, "docker-create", status < 0 ? (int)status : -EREMOTEIO, why);
		return;
	}
	strcpy(x->base.id, id);
	if (x->base.state == CONTAINER_OVER) { /* given up while it was being made */
		remove_it(x);
		return;
	}
	api_path(x->all->api, path, "/containers/%s/attach?stream=1&stdin=1&stdout=1&stderr=1", id);
	x->stream = stream_new(api_http(x->all->api), path, &events, x);
	if (!x->stream)
		fail(x, "docker-attach", -ENOMEM, "");
}

struct container *container_new(struct containers *all, const struct spec_limits *limits)
{
	struct live *x = calloc(1, sizeof(*x));
	json_t *body;

	if (!x)
		return NULL;
	x->all = all;
	x->base.limits = *limits;
	x->frames.on_message = on_message;
	x->frames.user = x;
	LIST_INSERT_HEAD(&all->list, &x->base, link);
	body = spec_container(all->host, limits, all->next_uid++ & 0xffffff);
	if (body)
		x->call = api_call(all->api, "POST", "/containers/create", body, on_created, x);
	x->in_engine = true;
	if (x->call)
		return &x->base;
	live_free(x);
	return NULL;
}

/* ---- from outside ---- */

void container_watch(struct container *c, const struct container_events *events, void *user)
{
	static const struct container_events nobody;

	live_of(c)->events = events ? *events : nobody;
	live_of(c)->user = user;
}

int container_write(struct container *c, const void *data, size_t len)
{
	return stream_write(live_of(c)->stream, data, len);
}

static void on_killed(void *user, long status, json_t *json, const char *why)
{
}

void container_kill(struct container *c, const char *signal)
{
	char path[160];

	snprintf(path, sizeof(path), "/containers/%s/kill?signal=%s", c->id, signal);
	/* What comes of it is seen on the wire. */
	api_call(live_of(c)->all->api, "POST", path, NULL, on_killed, NULL);
}

static int on_remove_again(sd_event_source *s, uint64_t usec, void *user)
{
	remove_it(user);
	return 0;
}

/* An engine may be in the middle of something with it. What it will not remove now, a later start will. */
static void on_removed(void *user, long status, json_t *json, const char *why)
{
	struct live *x = user;

	x->call = NULL;
	if ((status == 409 || status >= 500) && x->removals++ < REMOVALS_MAX)
		arm(x, REMOVE_AGAIN_USEC, on_remove_again);
	else
		live_free(x);
}

static void remove_it(struct live *x)
{
	char path[128];

	snprintf(path, sizeof(path), "/containers/%s?force=1&v=1", x->base.id);
	x->call = api_call(x->all->api, "DELETE", path, NULL, on_removed, x);
}

void container_bury(struct container *c)
{
	struct live *x = live_of(c);

	if (c->state == CONTAINER_OVER)
		return;
	c->state = CONTAINER_OVER;
	loop_source_drop(&x->timer);
	if (x->in_engine)
		return; /* on_created or on_started goes on from here */
	api_cancel(TAKE_PTR(x->call));
	if (*c->id)
		remove_it(x);
	else
		live_free(x);
}

/* ---- all of them ---- */

struct containers *containers_new(struct api *api, const struct spec_host *host)
{
	struct containers *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	*all = (struct containers){ .api = api, .host = host };
	LIST_INIT(&all->list);
	if (getrandom(&all->next_uid, sizeof(all->next_uid), 0) != sizeof(all->next_uid))
		all->next_uid = (uint32_t)clock_now_nsec();
	return all;
}

/* What an engine would not remove at once. */
static bool remove_again(struct containers *all)
{
	struct container *c, *next;
	bool some = false;

	for (c = LIST_FIRST(&all->list); c; c = next) {
		next = LIST_NEXT(c, link);
		if (live_of(c)->call)
			continue;
		some = true;
		remove_it(live_of(c));
	}
	return some;
}

void containers_free(struct containers *all)
{
	struct container *c, *next;

	if (!all)
		return;
	for (c = LIST_FIRST(&all->list); c; c = next) {
		next = LIST_NEXT(c, link);
		container_bury(c);
	}
	while (!LIST_EMPTY(&all->list) && http_drain(api_http(all->api), BURY_MS) &&
	       remove_again(all))
		usleep(REMOVE_AGAIN_USEC);
	while ((c = LIST_FIRST(&all->list)))
		live_free(live_of(c));
	free(all);
}

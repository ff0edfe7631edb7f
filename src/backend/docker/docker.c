/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See docker.h: the vtable, and the way to a backend that may be used.  Everything is asked of the engine once, at
 * the start: the image is a fixed id from then on, whatever its name comes to mean.
 */
#include "backend/docker/docker.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/docker/box.h"
#include "backend/docker/host.h"
#include "backend/docker/owner.h"
#include "base/cleanup.h"

#define LANES_MAX 64

struct docker {
	struct backend base; /* first */
	sd_event *loop;
	struct docker_config config; /* borrowed pointers */
	struct api *api;	     /* owned */
	struct host host;
	struct containers *containers; /* owned */
	struct pool *pool;	       /* owned */
	struct box_host shared;
	uint64_t last_box, programs;
	bool greeted;
	char trouble[360];
	void (*idle_fn)(void *user);
	void *idle_user;
	struct docker_box boxes[LANES_MAX];
};

static struct docker *docker_of(struct backend *b)
{
	return (struct docker *)(void *)b;
}

static unsigned docker_idle_lanes(struct backend *b)
{
	unsigned idle = 0;

	for (unsigned i = 0; i < b->lanes; i++)
		idle += !docker_of(b)->boxes[i].busy;
	return idle;
}

static void docker_on_idle(struct backend *b, void (*fn)(void *user), void *user)
{
	docker_of(b)->idle_fn = fn;
	docker_of(b)->idle_user = user;
}

static int docker_submit(struct backend *b, const struct backend_order *order, uint64_t *ret_box,
			 struct err *err)
{
	struct docker *d = docker_of(b);

	for (unsigned i = 0; i < b->lanes; i++) {
		if (d->boxes[i].busy)
			continue;
		*ret_box = ++d->last_box;
		return box_begin(&d->boxes[i], order, *ret_box, err);
	}
	if (order->live_stdin_fd >= 0)
		close(order->live_stdin_fd);
	return err_set(err, EAGAIN, "no lane is idle");
}

static void docker_cancel(struct backend *b, uint64_t box, unsigned kill)
{
	for (unsigned i = 0; i < b->lanes; i++)
		if (docker_of(b)->boxes[i].busy && docker_of(b)->boxes[i].id == box)
			box_cancel(&docker_of(b)->boxes[i], (enum box_kill)kill);
}

static void docker_free(struct backend *b)
{
	struct docker *d = docker_of(b);

	for (unsigned i = 0; i < b->lanes; i++)
		box_done(&d->boxes[i]);
	containers_free(d->containers);
	pool_free(d->pool);
	api_free(d->api);
	host_done(&d->host);
	sd_event_unref(d->loop);
	free(d);
}

static const struct backend_ops docker_ops = {
	.name = "docker",
	.submit = docker_submit,
	.cancel = docker_cancel,
	.idle_lanes = docker_idle_lanes,
	.on_idle = docker_on_idle,
	.free = docker_free,
};

/* ---- what boxes tell ---- */

static void on_hello(void *user, const struct inbox_hello *hello)
{
	struct docker *d = user;

	d->programs = hello->programs;
	d->greeted = true;
}

static void on_trouble(void *user, const char *job, const struct container_end *end)
{
	struct docker *d = user;

	if (*end->step)
		snprintf(d->trouble, sizeof(d->trouble), "%s: %s", end->step,
			 *end->why ? end->why : strerror(-end->error));
	else
		snprintf(d->trouble, sizeof(d->trouble), "it ended with code %d: %s",
			 end->exit_code, *end->why ? end->why : "without a word of its runner");
	if (d->config.on_trouble)
		d->config.on_trouble(job, d->trouble);
}

static void on_free(void *user, bool more)
{
	struct docker *d = user;

	if (more || d->config.ahead)
		pool_fill(d->pool, d->config.spares);
	if (d->idle_fn)
		d->idle_fn(d->idle_user);
}

/* ---- the way to it ---- */

static unsigned processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return n > 0 ? (unsigned)n : 1;
}

/* What else could be looked at is unknown then. */
static void nothing_found(struct docker_findings *f, int error, const char *text)
{
	enum docker_fact why = error == -EPROTONOSUPPORT	     ? DOCKER_API
			       : error == -EACCES || error == -EPERM ? DOCKER_ACCESS
								     : DOCKER_ENGINE;

	f->facts[why].state = DOCKER_MISSING;
	snprintf(f->facts[why].detail, sizeof(f->facts[why].detail), "%.199s", text);
	if (why != DOCKER_ENGINE)
		f->facts[DOCKER_ENGINE].state = DOCKER_OK;
	if (why == DOCKER_API)
		f->facts[DOCKER_ACCESS].state = DOCKER_OK;
}

static int examine(struct docker *d, struct docker_findings *f, struct err *err)
{
	const struct http_config http = { d->config.host, d->config.ca, d->config.cert,
					  d->config.key };
	unsigned removed;
	int r = api_open(d->loop, &http, &d->api, err);

	f->facts[DOCKER_PROFILE].state = DOCKER_OK; /* whoever calls us has read it */
	if (r < 0) {
		nothing_found(f, r, err->text);
		return r;
	}
	f->facts[DOCKER_ACCESS].state = DOCKER_OK;
	r = host_examine(d->api, &d->config, &d->host, f, err);
	if (r == 0)
		r = host_require(f, err);
	return r < 0 ? r : owner_remove_leftovers(d->api, d->host.owner, &removed, err);
}

static int stand_up(struct docker *d, struct err *err)
{
	const struct spec_limits usual = spec_limits_of(&limits_default, 0, 0);

	d->containers = containers_new(d->api, &d->host.spec);
	d->pool = d->containers ? pool_new(d->containers, &usual) : NULL;
	if (!d->pool)
		return err_set(err, ENOMEM, "make the docker backend");
	d->shared = (struct box_host){ .loop = d->loop,
				       .pool = d->pool,
				       .filter = d->config.filter,
				       .filter_len = d->config.filter_len,
				       .cpus = processors(),
				       .on_hello = on_hello,
				       .on_trouble = on_trouble,
				       .on_free = on_free,
				       .user = d };
	for (unsigned i = 0; i < LANES_MAX; i++)
		box_init(&d->boxes[i], &d->shared);
	/* Whoever runs one submission has at least one box to run. */
	pool_fill(d->pool, d->config.ahead || d->config.spares == 0 ? d->config.spares : 1);
	return 0;
}

int docker_new(sd_event *loop, const struct docker_config *c, struct backend **ret,
	       struct docker_findings *findings, struct err *err)
{
	struct docker *d = calloc(1, sizeof(*d));
	struct docker_findings unseen = { 0 };
	int r;

	if (!d)
		return err_set(err, ENOMEM, "make the docker backend");
	d->base.ops = &docker_ops;
	d->base.tells_start = true;
	d->base.lanes = c->lanes < LANES_MAX ? c->lanes : LANES_MAX;
	d->config = *c;
	d->loop = sd_event_ref(loop);
	for (unsigned i = 0; i < LANES_MAX; i++)
		box_init(&d->boxes[i], &d->shared);
	r = examine(d, findings ? findings : &unseen, err);
	if (r == 0)
		r = stand_up(d, err);
	if (r < 0) {
		docker_free(&d->base);
		return r;
	}
	*ret = &d->base;
	return 0;
}

int docker_has(struct backend *b, const char *program)
{
	const struct docker *d = docker_of(b);

	for (unsigned i = 0; d->greeted && d->config.programs[i] && i < INBOX_PROGRAMS_MAX; i++)
		if (strcmp(d->config.programs[i], program) == 0)
			return (int)(d->programs >> i & 1);
	return -1;
}

void docker_tell_container(struct backend *b, struct docker_findings *f)
{
	const struct docker *d = docker_of(b);
	const char *why = *d->trouble ? d->trouble : pool_trouble(d->pool);

	f->facts[DOCKER_CONTAINER].state = d->greeted ? DOCKER_OK
					   : *why     ? DOCKER_MISSING
						      : DOCKER_UNKNOWN;
	snprintf(f->facts[DOCKER_CONTAINER].detail, sizeof(f->facts[0].detail), "%.199s",
		 d->greeted ? "" : why);
}

const char *docker_image(struct backend *b)
{
	return docker_of(b)->config.image;
}

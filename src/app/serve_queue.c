/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See serve_queue.h.  Languages are read for what is asked about them and for the plans by which requests are refused;
 * whether their programs are there is the workers' to know.
 */
#include "app/serve_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/worker.h"
#include "gate/redis/redis_desk.h"
#include "sandbox/slot.h"

#define URL_BY_VARIABLE "env"

/* By the same words as `kodewar worker`; a variable alone makes no gate of a service. */
int serve_queue_find(struct serve *s, struct err *err)
{
	const char *url = s->config.redis;
	int r;

	if (strcmp(url, URL_BY_VARIABLE) == 0)
		url = getenv("KODEWAR_REDIS");
	if (!url || !*url)
		return err_set(err, 0,
			       "redis: the variable KODEWAR_REDIS does not say where it is"),
		       -EINVAL;
	s->settings.worker.queue = *s->config.redis_queue ? s->config.redis_queue : NULL;
	r = redis_url_parse(url, &s->redis, err);
	if (r < 0) {
		err_wrap(err, "redis");
		return r;
	}
	return worker_queue(&s->settings, &s->redis, &s->queue, err);
}

void serve_queue_start(struct serve *s)
{
	s->service.gate_uid = s->service.gate_gid = geteuid() == 0 ? SLOT_GATE_UID : getuid();
}

int serve_queue_enter(struct serve *s, struct err *err)
{
	return service_enter_bare(&s->service, err);
}

static void bounds(const struct serve *s, struct redis_desk_config *ret)
{
	const struct serve_config *c = &s->config;

	ret->queue_max = (unsigned)c->queue;
	ret->workers_min = (unsigned)c->redis_workers;
	ret->body_bytes_max = c->max_body;
	ret->job_bytes = c->job_bytes;
	ret->keep_ms = c->keep_sec * 1000;
}

int serve_queue_open_desk(struct serve *s, struct err *err)
{
	struct redis_desk_config c = { .loop = s->service.loop,
				       .url = &s->redis,
				       .ca_file = *s->config.redis_ca ? s->config.redis_ca : NULL,
				       .queue = s->queue,
				       .planner = &s->service.planner };

	bounds(s, &c);
	return redis_desk_new(&c, &s->desk, err);
}

void serve_queue_rebound(struct serve *s)
{
	struct redis_desk_config c = { .loop = NULL };

	bounds(s, &c);
	redis_desk_rebound(s->desk, &c);
}

static bool has_language(void *user, const struct language *l)
{
	return true;
}

void serve_queue_tell(struct serve *s)
{
	struct http_facts *f = &s->facts;

	f->version = KODEWAR_VERSION;
	f->backend = "redis";
	f->mode = "queue";
	f->queue = s->queue;
	f->has = has_language;
}

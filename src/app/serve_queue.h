/* SPDX-License-Identifier: Apache-2.0 */
/* `kodewar serve --redis`: a gate in front of a queue in Redis, which makes no box and needs no right to make any. */
#pragma once

#include "app/serve.h"

static inline bool serve_queue_on(const struct serve *s)
{
	return *s->config.redis;
}

/* Where the queue is, from the configuration. 0, or -EINVAL with what is wrong about it. */
int serve_queue_find(struct serve *s, struct err *err);
/* As service_start() and service_enter() for who makes boxes: nobody from the second on. */
void serve_queue_start(struct serve *s);
int serve_queue_enter(struct serve *s, struct err *err);
int serve_queue_open_desk(struct serve *s, struct err *err);
void serve_queue_rebound(struct serve *s);
void serve_queue_tell(struct serve *s);

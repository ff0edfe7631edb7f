/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker of a queue that lives in Redis Streams (docs/QUEUE.md has every key): takes jobs in turn by weight, gives
 * them to the desk, stores each result once, and only then acknowledges.  Redis is the journal; nothing that is lost
 * here is lost.  One object per process and queue.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gate/desk/desk.h"
#include "gate/redis/redis_url.h"

struct redis_stream;

struct redis_stream_config {
	sd_event *loop;
	struct desk *desk;
	const struct redis_url *url;
	const char *ca_file;	  /* NULL: the system's authorities */
	const char *queue;	  /* what all keys begin with; outlives the worker */
	unsigned lanes, prefetch; /* jobs that are held at once: their sum */
	uint64_t lease_ms;	  /* a worker that is silent for so long loses its jobs */
	uint64_t keep_ms;	  /* of results */
	unsigned deliveries_max;  /* then a job is dead */
};

struct redis_stream_counts {
	uint64_t judged, refused, cancelled, dead;
	uint64_t twins;	     /* results that came second, and were dropped */
	uint64_t taken_over; /* jobs of workers that fell silent */
	uint64_t given_back, events_dropped;
	unsigned held;
	bool up;
};

int redis_stream_new(const struct redis_stream_config *c, struct redis_stream **ret,
		     struct err *err);
/* No more jobs; those that did not begin are given back. on_empty, from the loop, when none is held. */
void redis_stream_drain(struct redis_stream *w, void (*on_empty)(void *user), void *user);
/* Before the desk. What is held is not acknowledged, and another worker's when the lease is over. */
void redis_stream_free(struct redis_stream *w);
void redis_stream_count(const struct redis_stream *w, struct redis_stream_counts *ret);

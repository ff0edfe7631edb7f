/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a queue, as `kodewar queue` prints it: for people, as JSON, as metrics. */
#pragma once

#include "app/redis_once.h"
#include "gate/redis/redis_queue.h"

enum queue_format { QUEUE_TEXT, QUEUE_JSON, QUEUE_METRICS };

/* The workers' counters, in their own words. */
#define QUEUE_COUNTERS(X) X(judged) X(refused) X(cancelled) X(dead) X(twins)

struct queue_state {
	struct {
		long long left, pending; /* entries that are not done; of them in workers' hands */
		long long oldest_ms;	 /* idle for longest, of those; -1: none */
	} streams[QUEUE_PRIORITIES];
	long long letters, workers, now_ms;
#define QUEUE_COUNTER(name) long long name;
	QUEUE_COUNTERS(QUEUE_COUNTER)
#undef QUEUE_COUNTER
};

/* 0 or a negative errno with its story in the conversation's err. */
int queue_state_read(struct redis_once *o, const char *queue, struct queue_state *ret);
void queue_state_print(const struct queue_state *s, const char *queue, enum queue_format format);

/* SPDX-License-Identifier: Apache-2.0 */
/* Names in Redis that workers, producers and `kodewar queue` agree about; docs/QUEUE.md tells what they hold. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/limits.h"

#define QUEUE_GROUP "workers"
#define QUEUE_DEFAULT "kodewar"
#define QUEUE_DEFAULT_CLUSTER "{kodewar}"
#define QUEUE_NAME_MAX 64
#define QUEUE_ID_MAX 64
#define QUEUE_KEY_BYTES 192
#define QUEUE_PRIORITIES 3u
#define QUEUE_HOLD_MS (7 * 86400000ull) /* for which a gate's job is remembered that nobody ends */

struct queue_priority {
	const char *name, *suffix; /* of the stream: QUEUE:jobs and this */
	unsigned weight;	   /* entries taken in a round while all have some */
};

extern const struct queue_priority queue_priorities[QUEUE_PRIORITIES];

struct queue_key {
	char text[QUEUE_KEY_BYTES];
};

/* "QUEUE:WHAT", and ":ID" where there is one. */
struct queue_key queue_key(const char *queue, const char *what, const char *id);
struct queue_key queue_jobs(const char *queue, unsigned priority);
/* 1 to QUEUE_ID_MAX of A-Z a-z 0-9 . _ - */
bool queue_id_ok(const char *id, size_t len);
/* The same of a queue's name, in which : and {} are allowed too. */
bool queue_name_ok(const char *name);
/* It has a {tag}: in a Cluster all its keys are one node's. */
bool queue_name_in_one_slot(const char *name);
/* QUEUE_PRIORITIES where there is none of this name. */
unsigned queue_priority_by_name(const char *name);

#define QUEUE_LIMITS_BYTES 512 /* all of them, with their longest values */

/* "cpu_ms=1000 memory_kb=65536": those that differ. */
void queue_limits_print(const struct limits *l, const struct limits *base,
			char text[static QUEUE_LIMITS_BYTES]);
/* What is not said is 0. 0, or -EINVAL where one is not known or no number. */
int queue_limits_parse(const char *text, struct limits *ret);

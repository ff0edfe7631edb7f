/* SPDX-License-Identifier: Apache-2.0 */
/* See redis_queue.h. All keys of a queue begin alike: {name} makes them one slot of a cluster. */
#include "gate/redis_queue.h"

#include <stdio.h>
#include <string.h>

#define ID_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

const struct queue_priority queue_priorities[QUEUE_PRIORITIES] = {
	{ "high", ":high", 8 },
	{ "normal", "", 4 },
	{ "low", ":low", 1 },
};

struct queue_key queue_key(const char *queue, const char *what, const char *id)
{
	struct queue_key k;

	snprintf(k.text, sizeof(k.text), "%s:%s%s%s", queue, what, id ? ":" : "", id ? id : "");
	return k;
}

struct queue_key queue_jobs(const char *queue, unsigned priority)
{
	struct queue_key k;

	snprintf(k.text, sizeof(k.text), "%s:jobs%s", queue, queue_priorities[priority].suffix);
	return k;
}

bool queue_id_ok(const char *id, size_t len)
{
	return len > 0 && len <= QUEUE_ID_MAX && !memchr(id, '\0', len) &&
	       strspn(id, ID_BYTES) >= len;
}

bool queue_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= QUEUE_NAME_MAX && strspn(name, ID_BYTES ":{}") == len;
}

/* What is between the first { and the first } behind it, if that is anything. */
bool queue_name_in_one_slot(const char *name)
{
	const char *open = strchr(name, '{');

	return open && open[1] != '}' && strchr(open + 1, '}');
}

unsigned queue_priority_by_name(const char *name)
{
	unsigned i = 0;

	while (i < QUEUE_PRIORITIES && strcmp(queue_priorities[i].name, name) != 0)
		i++;
	return i;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See redis_queue.h. All keys of a queue begin alike: {name} makes them one slot of a cluster. */
#include "gate/redis/redis_queue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"

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

void queue_limits_print(const struct limits *l, const struct limits *base,
			char text[static QUEUE_LIMITS_BYTES])
{
	struct limits mine = *l, theirs = *base;
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < limit_table_len && n < QUEUE_LIMITS_BYTES; i++) {
		uint64_t value = *limits_at(&mine, &limit_table[i]);

		if (value != *limits_at(&theirs, &limit_table[i]))
			n += (size_t)snprintf(text + n, QUEUE_LIMITS_BYTES - n, "%s%s=%llu",
					      n ? " " : "", limit_table[i].name,
					      (unsigned long long)value);
	}
}

static int parse_limit(char *word, struct limits *ret)
{
	char *value = strchr(word, '=');

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	for (size_t i = 0; i < limit_table_len; i++)
		if (strcmp(limit_table[i].name, word) == 0)
			return parse_u64(value, limits_at(ret, &limit_table[i]));
	return -EINVAL;
}

int queue_limits_parse(const char *text, struct limits *ret)
{
	char copy[QUEUE_LIMITS_BYTES], *rest = NULL;
	int r = 0;

	*ret = (struct limits){ 0 };
	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	for (char *word = strtok_r(copy, " ", &rest); word && r == 0;
	     word = strtok_r(NULL, " ", &rest))
		r = parse_limit(word, ret) == 0 ? 0 : -EINVAL;
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in a job's entry.  Only the payload is needed; what a gate adds (whose job it is, within which caps, by
 * when it must have begun) is its word, and what cannot be read of it refuses the job: nothing runs by other rules
 * than those that were asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "gate/redis/redis_stream_private.h"

#define BOXES_MAX 1000000u
#define DEADLINE_MS_MAX 86400000u

static bool copy_field(const redisReply *fields, const char *name, char *to, size_t size)
{
	const redisReply *r = redis_field(fields, name);

	if (!r || r->type != REDIS_REPLY_STRING || r->len == 0)
		return false;
	if (r->len >= size || memchr(r->str, '\0', r->len))
		return false;
	memcpy(to, r->str, r->len + 1);
	return true;
}

static int take_payload(struct stream_job *j, const redisReply *fields)
{
	const redisReply *payload = redis_field(fields, "payload");

	if (!payload || payload->type != REDIS_REPLY_STRING)
		return 0; /* refused when its turn comes */
	j->payload = malloc(payload->len + 1);
	if (!j->payload)
		return -1;
	memcpy(j->payload, payload->str, payload->len + 1);
	j->payload_len = payload->len;
	return 0;
}

/* Not said is 0. */
static void take_number(struct stream_job *j, const redisReply *fields, const char *name,
			uint64_t max, uint64_t *ret)
{
	const redisReply *r = redis_field(fields, name);

	if (!r || r->type != REDIS_REPLY_STRING || r->len == 0)
		return;
	if (parse_u64(r->str, ret) < 0 || *ret > max)
		j->wrong = name;
}

static void take_limits(struct stream_job *j, const redisReply *fields, const char *name,
			char text[static QUEUE_LIMITS_BYTES], struct limits *ret)
{
	const redisReply *r = redis_field(fields, name);

	if (!r || r->type != REDIS_REPLY_STRING || r->len == 0)
		return;
	if (!copy_field(fields, name, text, QUEUE_LIMITS_BYTES) ||
	    queue_limits_parse(text, ret) < 0)
		j->wrong = name;
}

static void take_gate(struct stream_job *j, const redisReply *fields)
{
	uint64_t boxes = 0;

	j->gate = redis_field(fields, "gate") && redis_is(redis_field(fields, "gate"), "1");
	copy_field(fields, "key", j->key, sizeof(j->key));
	take_number(j, fields, "boxes", BOXES_MAX, &boxes);
	take_number(j, fields, "deadline_ms", DEADLINE_MS_MAX, &j->deadline_ms);
	take_limits(j, fields, "caps", j->caps_text, &j->caps);
	take_limits(j, fields, "limits", j->limits_text, &j->limits);
	j->boxes = (unsigned)boxes;
}

int stream_entry_read(struct stream_job *j, const char *entry, const redisReply *fields)
{
	char events[8] = "";

	if (take_payload(j, fields) < 0)
		return -1;
	snprintf(j->entry, sizeof(j->entry), "%s", entry);
	/* An id that cannot be one is no name for keys: the entry's own is taken, which everyone finds who looks. */
	if (!copy_field(fields, "id", j->id, sizeof(j->id)) || !queue_id_ok(j->id, strlen(j->id))) {
		if (redis_field(fields, "id"))
			j->wrong = "id";
		snprintf(j->id, sizeof(j->id), "%s", entry);
	}
	copy_field(fields, "tenant", j->tenant, sizeof(j->tenant));
	copy_field(fields, "trace", j->trace, sizeof(j->trace));
	copy_field(fields, "events", events, sizeof(events));
	j->output = strcmp(events, "output") == 0;
	j->events = j->output || strcmp(events, "1") == 0;
	take_gate(j, fields);
	if (!j->wrong && !j->payload)
		j->wrong = "payload";
	return 0;
}

void stream_entry_rule(const struct stream_job *j, struct refusal *ret)
{
	if (strcmp(j->wrong, "id") == 0)
		refusal_set(ret, "id", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
	else if (strcmp(j->wrong, "payload") == 0)
		refusal_set(ret, "payload", "is missing in the entry");
	else if (strcmp(j->wrong, "caps") == 0 || strcmp(j->wrong, "limits") == 0)
		refusal_set(ret, j->wrong, "must be NAME=VALUE of limits that this worker knows");
	else
		refusal_set(ret, j->wrong, "must be a whole number within its bounds");
}

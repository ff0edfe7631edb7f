/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who holds a message.  Its entry in unacked_index has the time at which it was taken; Celery's workers leave it at that,
 * and it is anybody's again when it is older than the visibility timeout.  Ours renew theirs, so ours may run as long as
 * they like, and a dead worker of ours is known by its lease, long before that timeout: by the tags that begin alike.
 *
 * Each step is a script, so that none is half done, and each looks first whether the message is still where it was.
 * kombu guards its sweep with a mutex because its own steps are slow; these need none, and its transactions notice ours.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "gate/celery/celery_private.h"

#define RENEW_MAX 500 /* tags in one command */
#define SWEEP_MAX 100 /* messages in one sweep */

/* KEYS: unacked_index. ARGV: tags. Returns how many of them are still ours. */
static const char renew_script[] = "local t = redis.call('TIME')\n"
				   "local now = string.format('%d.%06d', t[1], t[2])\n"
				   "local n = 0\n"
				   "for i = 1, #ARGV do\n"
				   "  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then\n"
				   "    redis.call('ZADD', KEYS[1], 'XX', now, ARGV[i])\n"
				   "    n = n + 1\n"
				   "  end\n"
				   "end\n"
				   "return n\n";

/* KEYS: unacked_index, unacked. ARGV: lease, visibility, prefix, how many. Returns age, tag and entry of each. */
static const char sweep_script[] =
	"local t = redis.call('TIME')\n"
	"local now = t[1] + t[2] / 1000000\n"
	"local got = {}\n"
	"local all = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1], 'WITHSCORES')\n"
	"for i = 1, #all, 2 do\n"
	"  local ours = string.sub(all[i], 1, #ARGV[3]) == ARGV[3]\n"
	"  if ours or tonumber(all[i + 1]) <= now - ARGV[2] then\n"
	"    local entry = redis.call('HGET', KEYS[2], all[i])\n"
	"    if entry then\n"
	"      got[#got + 1] = all[i + 1]\n"
	"      got[#got + 1] = all[i]\n"
	"      got[#got + 1] = entry\n"
	"    else\n"
	"      redis.call('ZREM', KEYS[1], all[i])\n"
	"    end\n"
	"  end\n"
	"  if #got >= ARGV[4] * 3 then break end\n"
	"end\n"
	"return got\n";

/* KEYS: unacked, unacked_index, list. ARGV: tag, message, the score it had ("": whatever). Returns 1 where it went back. */
static const char return_script[] =
	"local s = redis.call('ZSCORE', KEYS[2], ARGV[1])\n"
	"if ARGV[3] ~= '' and s ~= ARGV[3] then return 0 end\n"
	"redis.call('ZREM', KEYS[2], ARGV[1])\n"
	"if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end\n"
	"redis.call('RPUSH', KEYS[3], ARGV[2])\n"
	"return 1\n";

/* KEYS: unacked, unacked_index. ARGV: tag. */
static const char ack_script[] = "redis.call('ZREM', KEYS[2], ARGV[1])\n"
				 "return redis.call('HDEL', KEYS[1], ARGV[1])\n";

/* ---- ours ---- */

static void renew(struct celery_worker *w, const char **argv, size_t ntags)
{
	redis_link_send(w->broker, 4 + ntags, argv, NULL, 0, NULL, NULL);
}

void celery_lease_renew(struct celery_worker *w)
{
	const char *argv[4 + RENEW_MAX] = { "EVAL", renew_script, "1", "unacked_index" };
	struct celery_held *h;
	size_t n = 0;

	for (h = TAILQ_FIRST(&w->held); h; h = TAILQ_NEXT(h, entry)) {
		argv[4 + n++] = h->tag;
		if (n == RENEW_MAX) {
			renew(w, argv, n);
			n = 0;
		}
	}
	if (n > 0)
		renew(w, argv, n);
}

static void on_ack(void *user, const redisReply *reply)
{
	struct celery_held *h = user;

	h->asked = false;
	if (!redis_ok(reply))
		return; /* again at a later beat */
	if (reply->integer == 0)
		h->worker->lost++;
	celery_run_end(h);
}

void celery_lease_ack(struct celery_held *h)
{
	h->stage = HELD_ACKING;
	if (h->asked)
		return;
	h->asked = redis_link_ask(h->worker->broker, on_ack, h,
				  "EVAL %s 2 unacked unacked_index %s", ack_script, h->tag) == 0;
}

static void on_returned(void *user, const redisReply *reply)
{
	struct celery_held *h = user;

	h->asked = false;
	if (redis_ok(reply))
		celery_run_end(h);
}

/* Where it cannot be marked it goes back as it was. */
void celery_lease_return(struct celery_held *h)
{
	_cleanup_free_ char *marked = NULL;
	const char *key = h->worker->bells[h->queue * CELERY_STEPS + h->step].key;

	h->stage = HELD_RETURNING;
	if (h->asked)
		return;
	if (celery_message_redeliver(h->raw, h->raw_len, &marked) < 0)
		marked = NULL;
	h->asked = redis_link_ask(h->worker->broker, on_returned, h,
				  "EVAL %s 3 unacked unacked_index %s %s %b %s", return_script, key,
				  h->tag, marked ? marked : h->raw,
				  marked ? strlen(marked) : h->raw_len, "") == 0;
}

/* ---- those of the dead ---- */

static unsigned priority_of(const json_t *message)
{
	json_int_t p = json_integer_value(
		json_object_get(json_object_get(message, "properties"), "priority"));

	return p < 3 ? 0 : p < 6 ? 1 : p < 9 ? 2 : 3;
}

/* A message that was published to an exchange is looked up by whoever has its bindings: Celery's own workers. */
static void give_back(struct celery_worker *w, const char *score, const char *tag,
		      const redisReply *entry)
{
	json_t *e = celery_json_load(entry->str, entry->len);
	const char *exchange = json_string_value(json_array_get(e, 1));
	const char *queue = json_string_value(json_array_get(e, 2));
	char *message = json_dumps(json_array_get(e, 0), JSON_COMPACT), *marked = NULL;
	char key[300];

	if (message && exchange && !*exchange && queue && *queue && strlen(queue) < 256 &&
	    celery_message_redeliver(message, strlen(message), &marked) == 0) {
		unsigned step = priority_of(json_array_get(e, 0));

		snprintf(key, sizeof(key), step ? "%s\x06\x16%u" : "%s", queue, step * 3);
		log_event(LOG_LEVEL_WARNING,
			  "celery: a task of a dead worker goes back queue=%s tag=%s", queue, tag);
		redis_link_ask(w->broker, NULL, NULL, "EVAL %s 3 unacked unacked_index %s %s %s %s",
			       return_script, key, tag, marked, score);
	}
	free(marked);
	free(message);
	json_decref(e);
}

static void on_swept(void *user, const redisReply *reply)
{
	struct celery_worker *w = user;

	if (!redis_ok(reply) || reply->type != REDIS_REPLY_ARRAY)
		return;
	for (size_t i = 0; i + 2 < reply->elements; i += 3)
		give_back(w, reply->element[i]->str, reply->element[i + 1]->str,
			  reply->element[i + 2]);
}

void celery_lease_sweep(struct celery_worker *w)
{
	redis_link_ask(w->broker, on_swept, w,
		       "EVAL %s 2 unacked_index unacked %llu %llu " CELERY_TAG_PREFIX " %d",
		       sweep_script, (unsigned long long)w->config.lease_sec,
		       (unsigned long long)w->config.visibility_sec, SWEEP_MAX);
}

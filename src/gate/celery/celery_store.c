/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept of a task: its meta in Celery's result backend, with a word on the channel of the same name, and, when
 * asked for, the result in a cache of the web application's, which is written first: whoever hears of the result finds it.
 * Only then is the message let go of.  What Redis does not take now (it is away, it is full) is tried again at a later
 * beat; the task stays ours until then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "gate/celery/celery_pickle.h"
#include "gate/celery/celery_private.h"

/*
 * KEYS: the meta. ARGV: it, seconds to keep it, whether it is only that the task has begun.  What succeeded stays: a
 * late twin changes nothing.
 */
static const char store_script[] =
	"local old = redis.call('GET', KEYS[1])\n"
	"if old then\n"
	"  local head = string.sub(old, 1, 40)\n"
	"  if string.find(head, '\"status\": ?\"SUCCESS\"') then return 0 end\n"
	"  if ARGV[3] == '1' and not string.find(head, '\"status\": ?\"STARTED\"') and\n"
	"      not string.find(head, '\"status\": ?\"PENDING\"') then return 0 end\n"
	"end\n"
	"if ARGV[2] == '0' then redis.call('SET', KEYS[1], ARGV[1])\n"
	"else redis.call('SETEX', KEYS[1], ARGV[2], ARGV[1]) end\n"
	"redis.call('PUBLISH', KEYS[1], ARGV[1])\n"
	"return 1\n";

static void complain(struct celery_worker *w, const char *what, const redisReply *reply)
{
	if (!w->unreachable)
		log_event(LOG_LEVEL_ERROR, "celery: %s: %s; tried again until it is taken", what,
			  redis_error(reply));
	w->unreachable = true;
}

static int put_meta(struct celery_worker *w, redis_then_t then, void *user, const char *id,
		    const char *meta, size_t len, bool begun)
{
	return redis_link_ask(w->backend, then, user,
			      "EVAL %s 1 " CELERY_META_PREFIX "%s %b %llu %d", store_script, id,
			      meta, len, (unsigned long long)w->config.result_sec, begun);
}

static void on_stored(void *user, const redisReply *reply)
{
	struct celery_held *h = user;

	h->asked = false;
	if (!redis_ok(reply)) {
		complain(h->worker, "a result cannot be stored", reply);
		return;
	}
	h->worker->unreachable = false;
	if (reply->integer == 0)
		h->worker->lost++;
	celery_lease_ack(h);
}

/* ---- the application's cache ---- */

static void on_cached(void *user, const redisReply *reply)
{
	struct celery_held *h = user;

	h->asked = false;
	h->cached = redis_ok(reply);
	if (!h->cached) {
		complain(h->worker, "a cache entry cannot be written", reply);
		return;
	}
	celery_store(h);
}

static int put_cached(struct celery_held *h, const char *value, size_t len)
{
	const struct celery_worker_config *c = &h->worker->config;

	if (c->cache_sec == 0)
		return redis_link_ask(h->worker->cache, on_cached, h, "SET %ssubmission_%s %b",
				      c->cache_prefix, h->task.submission, value, len);
	return redis_link_ask(h->worker->cache, on_cached, h, "SET %ssubmission_%s %b EX %llu",
			      c->cache_prefix, h->task.submission, value, len,
			      (unsigned long long)c->cache_sec);
}

static void cache_it(struct celery_held *h)
{
	_cleanup_free_ char *pickled = NULL;
	size_t len = 0;

	if (h->worker->config.cache_format == CELERY_CACHE_JSON) {
		h->asked = put_cached(h, h->result, h->result_len) == 0;
		return;
	}
	if (celery_pickle(h->result, h->result_len, &pickled, &len) == 0)
		h->asked = put_cached(h, pickled, len) == 0;
}

static bool cache_due(const struct celery_held *h)
{
	return h->worker->cache && h->result && *h->task.submission && !h->cached;
}

/* ---- results ---- */

void celery_store(struct celery_held *h)
{
	h->stage = HELD_STORING;
	if (h->asked)
		return;
	if (cache_due(h)) {
		cache_it(h);
	} else if (!h->meta || h->task.ignore_result) {
		celery_lease_ack(h);
	} else {
		h->asked = put_meta(h->worker, on_stored, h, h->task.id, h->meta, h->meta_len,
				    false) == 0;
	}
}

/* Nobody waits for the reply: a start that is not told is no harm. */
void celery_store_started(struct celery_held *h)
{
	struct celery_worker *w = h->worker;
	_cleanup_free_ char *meta = NULL;
	size_t len;

	if (!w->config.track_started || h->task.ignore_result ||
	    celery_result_started(&h->task, w->self.node, w->self.pid, &meta, &len) < 0)
		return;
	put_meta(w, NULL, NULL, h->task.id, meta, len, true);
}

void celery_store_follower(struct celery_held *h, const char *id, const struct celery_refusal *e)
{
	_cleanup_free_ char *meta = NULL;
	size_t len;

	if (celery_result_exception(&h->task, id, "FAILURE", e, &meta, &len) == 0)
		put_meta(h->worker, NULL, NULL, id, meta, len, false);
}

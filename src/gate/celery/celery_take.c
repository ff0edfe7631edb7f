/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a queue into our hands.  Kombu pops a message and then writes it down as unacknowledged: a worker that dies in
 * between loses it.  Here both are one step, a script, and Redis' clock is the one that counts.
 *
 * When there is nothing, each list is waited for with BLMOVE from its right end to its right end, which changes
 * nothing and returns as soon as there is something: a bell, not a hand.  (Of several that wait for one message,
 * Celery's workers included, each is woken; one gets it.)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gate/celery/celery_private.h"
#include "gate/celery/celery_time.h"

#define BELL_SEC 5
#define TAKE_MAX 64 /* messages in one step */

/*
 * KEYS: unacked, unacked_index, lists in the order of their turns.  ARGV: how many, a tag's beginning, and for each list what
 * stands behind the message in the unacked hash.  Returns tag, list (from 0), message, and so on.
 */
static const char take_script[] = "local t = redis.call('TIME')\n"
				  "local now = string.format('%d.%06d', t[1], t[2])\n"
				  "local got = {}\n"
				  "for k = 3, #KEYS do\n"
				  "  while #got < tonumber(ARGV[1]) * 3 do\n"
				  "    local raw = redis.call('RPOP', KEYS[k])\n"
				  "    if not raw then break end\n"
				  "    local tag = ARGV[2] .. '.' .. #got / 3\n"
				  "    redis.call('ZADD', KEYS[2], now, tag)\n"
				  "    redis.call('HSET', KEYS[1], tag, '[' .. raw .. ARGV[k])\n"
				  "    got[#got + 1] = tag\n"
				  "    got[#got + 1] = tostring(k - 3)\n"
				  "    got[#got + 1] = raw\n"
				  "  end\n"
				  "end\n"
				  "return got\n";

/* ---- bells ---- */

static void on_bell(void *user, const redisReply *reply)
{
	struct celery_bell *b = user;

	b->out = false;
	if (reply)
		celery_take(b->worker);
}

static void ring_when_there_is_something(struct celery_worker *w)
{
	char seconds[8];

	snprintf(seconds, sizeof(seconds), "%d", BELL_SEC);
	for (size_t i = 0; i < w->nbells; i++) {
		struct celery_bell *b = &w->bells[i];
		const char *argv[] = { "BLMOVE", b->key, b->key, "RIGHT", "RIGHT", seconds };

		if (!b->out && redis_link_up(b->link) &&
		    redis_link_send(b->link, 6, argv, NULL, BELL_SEC * 1000ull, on_bell, b) == 0)
			b->out = true;
	}
}

static void on_bell_up(void *user)
{
	struct celery_bell *b = user;

	b->out = false;
	celery_take(b->worker);
}

/* ---- taking ---- */

/* The lists of all queues by priority; within one, the queues take turns at being first. */
static size_t place(const struct celery_worker *w, size_t i)
{
	size_t n = w->config.nqueues;

	return (w->turn + i % n) % n * CELERY_STEPS + i / n;
}

static void on_taken(void *user, const redisReply *reply)
{
	struct celery_worker *w = user;

	w->taking = false;
	if (!redis_ok(reply) || reply->type != REDIS_REPLY_ARRAY) {
		if (reply)
			log_event(LOG_LEVEL_ERROR, "celery: cannot take tasks: %s",
				  redis_error(reply));
		return; /* asked for again at the next beat */
	}
	for (size_t i = 0; i + 2 < reply->elements; i += 3) {
		const redisReply *raw = reply->element[i + 2];
		size_t nth = strtoul(reply->element[i + 1]->str, NULL, 10);
		char *copy = malloc(raw->len + 1);

		if (!copy)
			break; /* theirs again when the lease is over */
		memcpy(copy, raw->str, raw->len);
		copy[raw->len] = '\0';
		w->taken++;
		celery_run_new(w, reply->element[i]->str, place(w, nth % w->nbells), copy,
			       raw->len);
	}
	w->turn = (w->turn + 1) % w->config.nqueues;
	if (reply->elements)
		celery_take(w);
	else
		ring_when_there_is_something(w);
}

static bool room(const struct celery_worker *w)
{
	return !w->draining && !w->taking && w->busy < w->config.window &&
	       w->eta_bytes < CELERY_ETA_BYTES_MAX && redis_link_up(w->broker) &&
	       redis_link_up(w->backend);
}

/* Lists are told to the script in their turns' order, and by it in that order: place() says which is which. */
void celery_take(struct celery_worker *w)
{
	const char *argv[8 + 2 * CELERY_LISTS_MAX];
	char suffixes[CELERY_QUEUES_MAX][300], n[16], keys[16], uuid[CELERY_UUID_BYTES], tag[52];
	size_t want = w->config.window - w->busy, argc = 0;

	if (!room(w) || celery_uuid_make(uuid) < 0)
		return;
	snprintf(n, sizeof(n), "%zu", want < TAKE_MAX ? want : TAKE_MAX);
	snprintf(keys, sizeof(keys), "%zu", w->nbells + 2);
	snprintf(tag, sizeof(tag), CELERY_TAG_PREFIX "%s", uuid);
	for (size_t i = 0; i < w->config.nqueues; i++)
		snprintf(suffixes[i], sizeof(suffixes[i]), ", \"\", \"%s\"]", w->config.queues[i]);
	argv[argc++] = "EVAL";
	argv[argc++] = take_script;
	argv[argc++] = keys;
	argv[argc++] = "unacked";
	argv[argc++] = "unacked_index";
	for (size_t i = 0; i < w->nbells; i++)
		argv[argc++] = w->bells[place(w, i)].key;
	argv[argc++] = n;
	argv[argc++] = tag;
	for (size_t i = 0; i < w->nbells; i++)
		argv[argc++] = suffixes[place(w, i) / CELERY_STEPS];
	if (redis_link_send(w->broker, argc, argv, NULL, 0, on_taken, w) == 0)
		w->taking = true;
}

/* ---- life ---- */

static int open_bell(struct celery_worker *w, size_t queue, unsigned step, struct err *err)
{
	struct celery_bell *b = &w->bells[w->nbells];
	const struct redis_link_config c = {
		.loop = w->config.loop,
		.url = w->config.broker,
		.ca_file = w->config.ca_file,
		.name = "kodewar-bell",
		.on_up = on_bell_up,
		.user = b,
	};
	int r;

	b->worker = w;
	if (step)
		r = asprintf(&b->key, "%s\x06\x16%u", w->config.queues[queue], step * 3);
	else
		r = asprintf(&b->key, "%s", w->config.queues[queue]);
	if (r < 0) {
		b->key = NULL;
		return err_set(err, ENOMEM, "watch the queues");
	}
	w->nbells++;
	return redis_link_new(&c, &b->link, err);
}

int celery_take_open(struct celery_worker *w, struct err *err)
{
	int r = 0;

	for (size_t q = 0; r == 0 && q < w->config.nqueues; q++)
		for (unsigned step = 0; r == 0 && step < CELERY_STEPS; step++)
			r = open_bell(w, q, step, err);
	return r;
}

void celery_take_close(struct celery_worker *w)
{
	for (size_t i = 0; i < w->nbells; i++) {
		redis_link_free(w->bells[i].link);
		free(w->bells[i].key);
	}
	w->nbells = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an ask to an entry of the queue.  The request is planned here, so that what breaks a rule is refused before it
 * is anywhere, and planned again by the worker, by the caps that the entry takes there.
 *
 *   room ──▶ (key claimed) ──▶ added ──▶ accepted
 *     │            └──▶ known ──▶ the job that it made; or, where its gate died before it was made, added by us
 *     └──▶ full
 *
 * What a job is (its owner, its place in the queue, its first event) is written in one transaction; nothing of it is
 * there without the rest.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "codec/request_json.h"
#include "gate/cli/cli_audit.h"
#include "gate/desk/desk_plan.h"
#include "gate/desk/job_id.h"
#include "gate/redis/redis_desk_parts.h"

#define WAITS_MAX 8 /* for the job of a key, a quarter of a second each; then its gate is dead */
#define WAIT_USEC 250000u
#define FAR_MS(d) ((unsigned long long)(QUEUE_HOLD_MS + (d)->config.keep_ms))

static struct queue_key key(const struct redis_call *c, const char *what, const char *id)
{
	return queue_key(c->desk->config.queue, what, id);
}

/* ---- adding ---- */

static void add_entry(struct redis_batch *b, const struct redis_call *c)
{
	const struct redis_order *o = &c->order;
	static const char *const levels[] = { "0", "1", "output" };

	redis_batch_add(b,
			"XADD %s * id %s tenant %s gate 1 events %s key %s caps %s limits %s "
			"boxes %u deadline_ms %llu trace %s payload %b",
			queue_jobs(c->desk->config.queue, o->priority).text, c->job->id, c->tenant,
			levels[o->level], o->key, o->caps, o->limits, o->boxes,
			(unsigned long long)o->deadline_ms, o->trace, o->payload, o->len);
}

static void make_batch(struct redis_batch *b, const struct redis_call *c)
{
	const struct redis_order *o = &c->order;
	unsigned long long far = FAR_MS(c->desk);
	const char *id = c->job->id;

	redis_batch_add(b, "MULTI");
	redis_batch_add(b, "HSET %s tenant %s kind %s state queued watchers 1 events %d",
			key(c, "job", id).text, c->tenant, o->durable ? "async" : "sync",
			o->level > 0);
	redis_batch_add(b, "PEXPIRE %s %llu", key(c, "job", id).text, far);
	if (*c->tenant) {
		redis_batch_add(b, "SADD %s %s", key(c, "live", c->tenant).text, id);
		redis_batch_add(b, "PEXPIRE %s %llu", key(c, "live", c->tenant).text, far);
	}
	if (o->level > 0) {
		redis_batch_add(b, "XADD %s 0-* event queued data {\"position\":%lld}",
				key(c, "events", id).text, c->left);
		redis_batch_add(b, "PEXPIRE %s %llu", key(c, "events", id).text, far);
	}
	add_entry(b, c);
	redis_batch_add(b, "EXEC");
}

static void added(struct redis_call *c, const redisReply *r)
{
	bool ok = r && r->type == REDIS_REPLY_ARRAY && r->elements > 0 &&
		  r->element[r->elements - 1]->type == REDIS_REPLY_STRING;

	if (!r) {
		redis_call_away(c);
		return;
	}
	if (!ok) { /* out of memory, a replica, a disk that is full: said by Redis */
		err_set(&c->answer.err, 0, "add a job: %s", redis_error(r));
		redis_call_answer(c, DESK_NO_STORE);
		return;
	}
	c->answer.position = c->job->position = (unsigned)c->left;
	redis_call_answer(c, DESK_ACCEPTED);
	if (c->dead && !c->order.durable)
		redis_job_leave(c->job);
}

static void on_added(void *user, const redisReply *r)
{
	struct redis_call *c = user;

	c->desk->adding--;
	c->replies = 0;
	added(c, r);
}

static void add(struct redis_call *c)
{
	struct redis_batch b = { .data = NULL };
	struct redis_job *j = c->job;

	if (c->dead && !c->order.durable) { /* nobody wants it any more */
		redis_call_away(c);
		return;
	}
	j->sync = !c->order.durable;
	j->keyed = *c->order.key;
	j->events = c->order.level > 0;
	j->state = DESK_WAITING;
	make_batch(&b, c);
	if (redis_link_batch(c->desk->commands, &b, on_added, c) < 0) {
		redis_call_away(c);
		return;
	}
	c->replies = 1;
	c->desk->adding++;
}

/* ---- keys ---- */

static void look_known(struct redis_call *c);

static int on_waited(sd_event_source *s, uint64_t usec, void *user)
{
	struct redis_call *c = user;

	loop_source_drop(&c->timer);
	look_known(c);
	return 0;
}

static bool take_name(struct redis_call *c, const char *id)
{
	struct redis_job *j = redis_job_get(c->desk, id);

	redis_job_put(c->job);
	c->job = j;
	if (!j) {
		err_set(&c->answer.err, ENOMEM, "take the job");
		redis_call_answer(c, DESK_FAILED);
	}
	return j;
}

static void on_overwritten(void *user, const redisReply *r)
{
	redis_call_settled(user, redis_ok(r));
}

/* All who waited for it have left: it is cancelled, and its key is another's. */
static void begin_anew(struct redis_call *c)
{
	char id[JOB_ID_BYTES];

	if (job_id_make(id) < 0 || !take_name(c, id)) {
		redis_call_away(c);
		return;
	}
	c->next = add;
	redis_call_asked(c, redis_link_ask(c->desk->commands, on_overwritten, c,
					   "SET %s %s%s PX %llu", key(c, "key", c->order.key).text,
					   id, c->order.digest, FAR_MS(c->desk)));
	if (c->replies == 0)
		redis_call_away(c);
}

static void on_joined(void *user, const redisReply *r)
{
	struct redis_call *c = user;

	c->watchers = redis_ok(r) ? r->integer : 0;
	redis_call_settled(c, redis_ok(r));
}

static void joined(struct redis_call *c)
{
	if (c->watchers <= 1) {
		begin_anew(c);
		return;
	}
	redis_call_answer(c, DESK_KNOWN);
	if (c->dead)
		redis_job_leave(c->job);
}

/* A synchronous job lives as long as somebody waits for it: we do now. */
static void join(struct redis_call *c)
{
	c->job->keyed = true;
	c->next = joined;
	redis_call_asked(c, redis_link_ask(c->desk->commands, on_joined, c, "HINCRBY %s watchers 1",
					   key(c, "job", c->job->id).text));
	if (c->replies == 0)
		redis_call_away(c);
}

/* Its gate is in the middle of it, or died there. */
static void wait_for_it(struct redis_call *c)
{
	if (c->waits++ >= WAITS_MAX)
		add(c);
	else if (sd_event_add_time_relative(c->desk->config.loop, &c->timer, CLOCK_MONOTONIC,
					    WAIT_USEC, 0, on_waited, c) < 0)
		redis_call_away(c);
}

static void known(struct redis_call *c)
{
	bool abandoned = c->found && c->job->sync && c->watchers <= 0;

	if (!c->found)
		wait_for_it(c);
	else if (abandoned)
		begin_anew(c);
	else if (c->order.durable && c->job->sync)
		redis_call_answer(c, DESK_CONFLICT);
	else if (c->job->sync && c->job->state != DESK_OVER)
		join(c);
	else
		redis_call_answer(c, DESK_KNOWN);
}

static void look_known(struct redis_call *c)
{
	if (strcmp(c->known_digest, c->order.digest) != 0)
		redis_call_answer(c, DESK_CONFLICT);
	else if (take_name(c, c->known_id))
		redis_call_look(c, known);
}

/* The id's 32 digits, and the digest's 64. */
static void take_known(struct redis_call *c, const redisReply *r)
{
	size_t id = JOB_ID_BYTES - 1, digest = sizeof(c->known_digest) - 1;

	c->known = r->type == REDIS_REPLY_STRING && r->len == id + digest;
	if (!c->known)
		return;
	snprintf(c->known_id, sizeof(c->known_id), "%.*s", (int)id, r->str);
	snprintf(c->known_digest, sizeof(c->known_digest), "%s", r->str + id);
}

static void on_key(void *user, const redisReply *r)
{
	struct redis_call *c = user;

	if (redis_ok(r))
		take_known(c, r);
	redis_call_settled(c, redis_ok(r));
}

static void claimed(struct redis_call *c)
{
	if (c->known)
		look_known(c);
	else
		add(c);
}

static void claim(struct redis_call *c)
{
	c->next = claimed;
	redis_call_asked(c,
			 redis_link_ask(c->desk->commands, on_key, c, "SET %s %s%s NX GET PX %llu",
					key(c, "key", c->order.key).text, c->job->id,
					c->order.digest, FAR_MS(c->desk)));
	if (c->replies == 0)
		redis_call_away(c);
}

/* ---- room ---- */

/*
 * As on the desk of one host: who has a name and no bound of his own may take no more than he leaves free, so that
 * there is always room for the next tenant.
 */
static bool has_room(const struct redis_call *c, long long *ret_left)
{
	long long max = c->desk->config.queue_max, all = c->left + c->desk->adding;
	unsigned bound = c->order.queued_max;

	*ret_left = all;
	if (all >= max)
		return false;
	if (!*c->tenant || (!bound && c->live == 0))
		return true;
	*ret_left = c->live;
	return bound ? c->live < bound : c->live < max - all;
}

static void room_known(struct redis_call *c)
{
	long long left;

	if (c->known) {
		look_known(c);
	} else if (!has_room(c, &left)) {
		c->answer.position = (unsigned)left;
		c->answer.retry_after_sec = redis_state_retry_after(c->desk, left);
		redis_call_answer(c, DESK_FULL);
	} else if (*c->order.key) {
		claim(c);
	} else {
		add(c);
	}
}

static void on_left(void *user, const redisReply *r)
{
	struct redis_call *c = user;

	c->left += redis_ok(r) ? r->integer : 0;
	redis_call_settled(c, redis_ok(r));
}

static void on_live(void *user, const redisReply *r)
{
	struct redis_call *c = user;

	c->live = redis_ok(r) ? r->integer : 0;
	redis_call_settled(c, redis_ok(r));
}

static void ask_room(struct redis_call *c)
{
	struct redis_link *l = c->desk->commands;

	c->next = room_known;
	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++)
		redis_call_asked(c, redis_link_ask(l, on_left, c, "XLEN %s",
						   queue_jobs(c->desk->config.queue, i).text));
	if (*c->tenant)
		redis_call_asked(c, redis_link_ask(l, on_live, c, "SCARD %s",
						   key(c, "live", c->tenant).text));
	if (*c->order.key)
		redis_call_asked(c, redis_link_ask(l, on_key, c, "GET %s",
						   key(c, "key", c->order.key).text));
	if (c->replies == 0)
		redis_call_away(c);
}

/* ---- asking ---- */

static void hash(char text[static DESK_HASH_BYTES], const char *a, size_t na, const char *b,
		 size_t nb)
{
	unsigned char digest[(DESK_HASH_BYTES - 1) / 2];
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof(digest));
	crypto_generichash_update(&state, (const unsigned char *)a, na);
	crypto_generichash_update(&state, (const unsigned char *)b, nb);
	crypto_generichash_final(&state, digest, sizeof(digest));
	sodium_bin2hex(text, DESK_HASH_BYTES, digest, sizeof(digest));
}

static int take_order(struct redis_call *c, const struct desk_ask *ask)
{
	const struct planner_config *planner = c->desk->config.planner;
	struct redis_order *o = &c->order;
	struct limits caps = desk_plan_caps(planner, ask->tenant->caps);
	const struct desk_tenant *t = ask->tenant;

	*o = (struct redis_order){ .len = ask->len,
				   .durable = ask->durable,
				   .level = ask->quiet	       ? 0
					    : ask->tell_output ? 2
							       : 1,
				   .priority = ask->priority > 0   ? 0
					       : ask->priority < 0 ? QUEUE_PRIORITIES - 1
								   : 1,
				   .boxes = t->concurrency,
				   .queued_max = t->queued_max,
				   .deadline_ms = ask->deadline_ms };
	snprintf(o->trace, sizeof(o->trace), "%s", ask->trace ? ask->trace : "");
	queue_limits_print(&caps, &limits_cap, o->caps);
	queue_limits_print(&planner->defaults, &limits_default, o->limits);
	if (ask->key) { /* with the NUL between them, no two pairs are one */
		hash(o->key, t->name, strlen(t->name) + 1, ask->key, strlen(ask->key));
		hash(o->digest, ask->body, ask->len, "", 0);
	}
	o->payload = malloc(ask->len + 1);
	if (!o->payload)
		return -ENOMEM;
	memcpy(o->payload, ask->body, ask->len);
	return 0;
}

/* 0, 1 (refused) or a negative errno. */
static int look_at(struct redis_call *c, const struct desk_ask *ask)
{
	const struct redis_desk_config *config = &c->desk->config;
	const struct desk_rules rules = { .planner = config->planner, .caps = ask->tenant->caps };
	struct refusal *refusal = &c->answer.refusal;
	struct request request;
	struct arena arena;
	struct plan plan;
	int r;

	if (ask->len > config->body_bytes_max)
		return refusal_set(refusal, "", "is larger than %llu bytes",
				   (unsigned long long)config->body_bytes_max);
	arena_init(&arena, config->job_bytes);
	r = request_json_decode(ask->body, ask->len, &arena, &request, refusal);
	if (r == 0)
		r = desk_plan(&rules, &request, &arena, &plan, refusal);
	arena_done(&arena);
	return r;
}

static int prepare(struct redis_call *c, const struct desk_ask *ask)
{
	char id[JOB_ID_BYTES];
	int r = look_at(c, ask);

	if (r == 0)
		r = job_id_make(id);
	if (r > 0)
		cli_audit_refusal("", &c->answer.refusal);
	if (r != 0)
		return r;
	c->job = redis_job_get(c->desk, id);
	return c->job ? take_order(c, ask) : -ENOMEM;
}

int redis_desk_submit(struct desk *desk, const struct desk_ask *ask, desk_then *then, void *user,
		      struct err *err)
{
	struct redis_desk *d = redis_desk(desk);
	struct redis_call *c = redis_call_new(d, ask->tenant->name, then, user);
	int r;

	if (!c)
		return err_set(err, ENOMEM, "ask the desk");
	if (d->draining) {
		redis_call_answer(c, DESK_DRAINING);
		return 0;
	}
	r = prepare(c, ask);
	if (r == 0) {
		ask_room(c);
		return 0;
	}
	if (r < 0)
		err_set(&c->answer.err, r, "take the job");
	redis_call_answer(c, r > 0 ? DESK_REFUSED : DESK_FAILED);
	return 0;
}

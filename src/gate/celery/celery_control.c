/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remote control: `celery inspect`, `celery control`, Flower.  A command comes on the channel of the fanout exchange
 * celery.pidbox; who wants an answer says where, and gets an envelope on a list of its own.  kombu would look up in its
 * bindings whether that list still has a reader; here it simply ends by itself, ten seconds after.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "gate/celery/celery_private.h"
#include "gate/celery/celery_time.h"

#define REVOKED_MAX 50000 /* as Celery */
#define REPLY_MS "10000"
#define ID_MAX 512 /* of an address for an answer */

#define _cleanup_json_ _cleanup_(json_decrefp)

static json_t *ok_text(const char *text)
{
	return json_pack("{s:s}", "ok", text);
}

/* ---- revocations ---- */

bool celery_revoked(const struct celery_worker *w, const char *id)
{
	return json_object_get(w->revoked, id) != NULL;
}

static void revoke_one(struct celery_worker *w, const char *id, bool terminate)
{
	celery_run_revoke(w, id, terminate);
	while (json_object_size(w->revoked) >= REVOKED_MAX)
		json_object_del(w->revoked, json_object_iter_key(json_object_iter(w->revoked)));
	json_object_set_new(w->revoked, id, json_true());
}

/* As Python takes it: Flower says 1 where others say true. */
static bool truthy(const json_t *v)
{
	return json_is_true(v) || json_integer_value(v) != 0 || json_real_value(v) != 0 ||
	       json_string_length(v) > 0;
}

static json_t *flag(struct celery_worker *w, const json_t *arguments)
{
	const json_t *id = json_object_get(arguments, "task_id");
	bool terminate = truthy(json_object_get(arguments, "terminate"));

	if (json_is_string(id))
		revoke_one(w, json_string_value(id), terminate);
	for (size_t i = 0; i < json_array_size(id); i++)
		if (json_is_string(json_array_get(id, i)))
			revoke_one(w, json_string_value(json_array_get(id, i)), terminate);
	return ok_text("tasks flagged as revoked");
}

static json_t *terminate(struct celery_worker *w, const json_t *arguments)
{
	_cleanup_json_ json_t *more = json_deep_copy(arguments);

	json_object_set_new(more, "terminate", json_true());
	return flag(w, more);
}

static json_t *revoked_list(struct celery_worker *w, const json_t *arguments)
{
	json_t *list = json_array();
	void *i;

	for (i = json_object_iter(w->revoked); i; i = json_object_iter_next(w->revoked, i))
		json_array_append_new(list, json_string(json_object_iter_key(i)));
	return list;
}

/* ---- tasks ---- */

static json_t *info(const struct celery_held *h)
{
	const struct celery_task *t = &h->task;

	return json_pack("{s:s, s:s?, s:s?, s:O?, s:O?, s:s, s:f, s:b, s:O?, s:i}", "id", t->id,
			 "name", t->name, "type", t->name, "args", t->args, "kwargs", t->kwargs,
			 "hostname", h->worker->self.node, "time_start", h->begun, "acknowledged",
			 0, "delivery_info", t->delivery_info, "worker_pid", h->worker->self.pid);
}

static json_t *list_of(struct celery_worker *w, enum celery_stage stage)
{
	json_t *list = json_array();
	struct celery_held *h;

	for (h = TAILQ_FIRST(&w->held); h; h = TAILQ_NEXT(h, entry))
		if (h->stage == stage)
			json_array_append_new(list, info(h));
	return list;
}

static json_t *active(struct celery_worker *w, const json_t *arguments)
{
	return list_of(w, HELD_RUNNING);
}

static json_t *reserved(struct celery_worker *w, const json_t *arguments)
{
	return list_of(w, HELD_ASKED);
}

static json_t *scheduled(struct celery_worker *w, const json_t *arguments)
{
	json_t *list = json_array();
	struct celery_held *h;

	for (h = TAILQ_FIRST(&w->held); h; h = TAILQ_NEXT(h, entry))
		if (h->stage == HELD_ETA)
			json_array_append_new(
				list, json_pack("{s:s?, s:i, s:o?}", "eta", h->task.eta_text,
						"priority", (int)h->step * 3, "request", info(h)));
	return list;
}

static bool asked_for(const json_t *ids, const char *id)
{
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *s = json_string_value(json_array_get(ids, i));

		if (s && !strcmp(s, id))
			return true;
	}
	return json_is_string(ids) && !strcmp(json_string_value(ids), id);
}

static json_t *query_task(struct celery_worker *w, const json_t *arguments)
{
	const json_t *ids = json_object_get(arguments, "ids");
	json_t *found = json_object();
	struct celery_held *h;

	for (h = TAILQ_FIRST(&w->held); h; h = TAILQ_NEXT(h, entry)) {
		const char *state = h->stage == HELD_RUNNING ? "active"
				    : h->stage == HELD_ETA   ? "scheduled"
							     : "reserved";

		if (asked_for(ids, h->task.id))
			json_object_set_new(found, h->task.id, json_pack("[s, o]", state, info(h)));
	}
	return found;
}

/* ---- the worker ---- */

static json_t *ping(struct celery_worker *w, const json_t *arguments)
{
	return ok_text("pong");
}

static json_t *stats(struct celery_worker *w, const json_t *arguments)
{
	const struct redis_url *u = w->config.broker;
	struct desk_counts n;
	struct rusage usage;
	char clock[24], db[16];

	desk_count(w->config.desk, &n);
	snprintf(db, sizeof(db), "%u", u->db);
	getrusage(RUSAGE_SELF, &usage);
	snprintf(clock, sizeof(clock), "%llu", (unsigned long long)w->self.clock);
	return json_pack(
		"{s:{s:I}, s:i, s:s, s:I, s:{s:s, s:i, s:[i], s:s, s:b, s:[i,i], s:{s:I}}, "
		"s:{s:s, s:s, s:i, s:s}, s:i, s:{s:f, s:f, s:I}, s:{s:I, s:I}}",
		"total", w->config.signature.task, (json_int_t)w->taken, "pid", w->self.pid,
		"clock", clock, "uptime",
		(json_int_t)((clock_now_nsec() - w->begun_nsec) / NSEC_PER_SEC), "pool",
		"implementation", "kodewar", "max-concurrency", (int)n.lanes, "processes",
		w->self.pid, "max-tasks-per-child", "1", "put-guarded-by-semaphore", 0, "timeouts",
		0, 0, "writes", "total", (json_int_t)w->taken, "broker", "hostname", u->host,
		"transport", "redis", "port", atoi(u->port), "virtual_host", db, "prefetch_count",
		(int)w->config.window, "rusage", "utime", (double)usage.ru_utime.tv_sec, "stime",
		(double)usage.ru_stime.tv_sec, "maxrss", (json_int_t)usage.ru_maxrss, "kodewar",
		"processed", (json_int_t)w->self.processed, "late", (json_int_t)w->lost);
}

static json_t *registered(struct celery_worker *w, const json_t *arguments)
{
	return json_pack("[s]", w->config.signature.task);
}

static json_t *active_queues(struct celery_worker *w, const json_t *arguments)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->config.nqueues; i++) {
		const char *q = w->config.queues[i];

		json_array_append_new(
			list, json_pack("{s:s, s:{s:s, s:s, s:b}, s:s, s:b, s:b, s:b, s:b, s:[]}",
					"name", q, "exchange", "name", "", "type", "direct",
					"durable", 1, "routing_key", q, "durable", 1, "exclusive",
					0, "auto_delete", 0, "no_ack", 0, "bindings"));
	}
	return list;
}

static json_t *conf(struct celery_worker *w, const json_t *arguments)
{
	return json_pack("{s:s, s:b, s:I}", "task_default_queue", w->config.queues[0],
			 "task_track_started", w->config.track_started, "result_expires",
			 (json_int_t)w->config.result_sec);
}

/* Another worker begins, and wants to know what is revoked; it tells what it knows. */
static json_t *hello(struct celery_worker *w, const json_t *arguments)
{
	const char *from = json_string_value(json_object_get(arguments, "from_node"));

	if (from && !strcmp(from, w->self.node))
		return json_null();
	return json_pack("{s:o, s:I}", "revoked", revoked_list(w, NULL), "clock",
			 (json_int_t)++w->self.clock);
}

static json_t *enable_events(struct celery_worker *w, const json_t *arguments)
{
	bool were = w->events;

	w->events = true;
	return ok_text(were ? "task events already enabled" : "task events enabled");
}

static json_t *disable_events(struct celery_worker *w, const json_t *arguments)
{
	bool were = w->events;

	w->events = false;
	return ok_text(were ? "task events disabled" : "task events already disabled");
}

static json_t *heartbeat(struct celery_worker *w, const json_t *arguments)
{
	celery_tell_worker(w, "worker-heartbeat");
	return json_null();
}

static json_t *shutdown_it(struct celery_worker *w, const json_t *arguments)
{
	log_event(LOG_LEVEL_WARNING, "celery: the remote control asks for a shutdown");
	if (w->config.on_shutdown)
		w->config.on_shutdown(w->config.user);
	return ok_text("drains");
}

static const struct {
	const char *name;
	json_t *(*fn)(struct celery_worker *w, const json_t *arguments);
} commands[] = {
	{ "ping", ping },
	{ "revoke", flag },
	{ "terminate", terminate },
	{ "revoked", revoked_list },
	{ "active", active },
	{ "dump_active", active },
	{ "reserved", reserved },
	{ "dump_reserved", reserved },
	{ "scheduled", scheduled },
	{ "dump_schedule", scheduled },
	{ "query_task", query_task },
	{ "stats", stats },
	{ "registered", registered },
	{ "dump_tasks", registered },
	{ "active_queues", active_queues },
	{ "conf", conf },
	{ "dump_conf", conf },
	{ "hello", hello },
	{ "enable_events", enable_events },
	{ "disable_events", disable_events },
	{ "heartbeat", heartbeat },
	{ "shutdown", shutdown_it },
};

static json_t *carry_out(struct celery_worker *w, const char *method, const json_t *arguments)
{
	char text[160];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, method))
			return commands[i].fn(w, arguments);
	snprintf(text, sizeof(text), "%.100s is nothing that a kodewar worker does", method);
	return json_pack("{s:s}", "error", text);
}

/* ---- the mailbox ---- */

static bool for_us(const struct celery_worker *w, const json_t *command)
{
	const json_t *destination = json_object_get(command, "destination");
	const char *pattern = json_string_value(json_object_get(command, "pattern"));
	const char *matcher = json_string_value(json_object_get(command, "matcher"));

	if (json_is_string(destination) || json_array_size(destination) > 0)
		return asked_for(destination, w->self.node);
	if (pattern && matcher)
		return !strcmp(matcher, "glob") && fnmatch(pattern, w->self.node, 0) == 0;
	return true;
}

static void answer(struct celery_worker *w, const json_t *command, json_t *value)
{
	const json_t *to = json_object_get(command, "reply_to");
	const struct celery_envelope e = {
		.exchange = json_string_value(json_object_get(to, "exchange")),
		.routing_key = json_string_value(json_object_get(to, "routing_key")),
		.ticket = json_string_value(json_object_get(command, "ticket")),
		.clock = ++w->self.clock,
	};
	_cleanup_json_ json_t *body = json_pack("{s:O}", w->self.node, value);
	_cleanup_free_ char *text = json_dumps(body, JSON_COMPACT), *message = NULL;
	char key[ID_MAX];
	size_t len;

	if (!text || !e.exchange || !e.routing_key || !e.ticket ||
	    snprintf(key, sizeof(key), "%s.%s", e.routing_key, e.exchange) >= ID_MAX)
		return;
	if (celery_envelope_make(&e, text, strlen(text), &message, &len) < 0)
		return;
	redis_link_ask(w->broker, NULL, NULL, "LPUSH %s %b", key, message, len);
	redis_link_ask(w->broker, NULL, NULL, "PEXPIRE %s " REPLY_MS, key);
}

/* ["pmessage", pattern, channel, message], ["message", channel, message], or word of a subscription. */
void celery_control_push(struct celery_worker *w, const redisReply *reply)
{
	const redisReply *kind = reply->elements > 0 ? reply->element[0] : NULL;
	const redisReply *data = kind ? reply->element[reply->elements - 1] : NULL;
	_cleanup_json_ json_t *envelope = NULL, *command = NULL, *value = NULL;
	struct celery_refusal why;
	const char *method;

	if (!kind || !(redis_is(kind, "message") || redis_is(kind, "pmessage")) ||
	    data->type != REDIS_REPLY_STRING)
		return;
	envelope = celery_json_load(data->str, data->len);
	if (envelope)
		command = celery_envelope_body(envelope, &why);
	method = json_string_value(json_object_get(command, "method"));
	if (!method) {
		log_event(LOG_LEVEL_WARNING, "celery: a broadcast cannot be read");
		return;
	}
	if (!for_us(w, command))
		return;
	value = carry_out(w, method, json_object_get(command, "arguments"));
	if (value && !json_is_null(value) && json_object_get(command, "reply_to"))
		answer(w, command, value);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See celery_event.h.  Fields and their names are those of Celery's own events, as recorded in tests/unit/test_celery.c. */
#include "gate/celery/celery_event.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/base64.h"
#include "codec/json_write.h"
#include "gate/celery/celery_time.h"

#define HEARTBEAT_SEC 2.0
#define CELERY_SW_VERSION "1" /* of this protocol half; nobody compares it */

static void write_headers(struct json_writer *w, const struct celery_envelope *e)
{
	json_write_key(w, "headers");
	json_write_open(w, '{');
	if (e->ticket) {
		json_write_key(w, "ticket");
		json_write_string(w, e->ticket);
		json_write_key(w, "clock");
		json_write_uint(w, e->clock);
	}
	if (e->hostname) {
		json_write_key(w, "hostname");
		json_write_string(w, e->hostname);
	}
	json_write_close(w, '}');
}

static void write_properties(struct json_writer *w, const struct celery_envelope *e,
			     const char *tag)
{
	json_write_key(w, "properties");
	json_write_open(w, '{');
	json_write_key(w, "delivery_mode");
	json_write_uint(w, 1);
	json_write_key(w, "delivery_info");
	json_write_open(w, '{');
	json_write_key(w, "exchange");
	json_write_string(w, e->exchange);
	json_write_key(w, "routing_key");
	json_write_string(w, e->routing_key);
	json_write_close(w, '}');
	json_write_key(w, "priority");
	json_write_uint(w, 0);
	json_write_key(w, "body_encoding");
	json_write_string(w, "base64");
	json_write_key(w, "delivery_tag");
	json_write_string(w, tag);
	json_write_close(w, '}');
}

int celery_envelope_make(const struct celery_envelope *e, const char *body, size_t len, char **ret,
			 size_t *ret_len)
{
	_cleanup_free_ char *text = malloc(BASE64_ENCODED_LEN(len) + 1);
	char tag[CELERY_UUID_BYTES];
	struct json_writer w;
	int r = text ? celery_uuid_make(tag) : -ENOMEM;

	if (r < 0)
		return r;
	base64_encode(body, len, text);
	text[BASE64_ENCODED_LEN(len)] = '\0';
	json_write_init(&w, JSON_WRITE_MAX_BYTES);
	json_write_open(&w, '{');
	json_write_key(&w, "body");
	json_write_string(&w, text);
	json_write_key(&w, "content-encoding");
	json_write_string(&w, "utf-8");
	json_write_key(&w, "content-type");
	json_write_string(&w, "application/json");
	write_headers(&w, e);
	write_properties(&w, e, tag);
	json_write_close(&w, '}');
	r = json_write_take(&w, ret, ret_len);
	json_write_done(&w);
	return r;
}

static int make_json(const struct celery_envelope *e, const json_t *body, char **ret,
		     size_t *ret_len)
{
	_cleanup_free_ char *text = json_dumps(body, JSON_COMPACT);

	return text ? celery_envelope_make(e, text, strlen(text), ret, ret_len) : -ENOMEM;
}

/* ---- of the worker ---- */

static json_t *common(struct celery_self *self, const char *type)
{
	return json_pack("{s:s, s:f, s:i, s:I, s:f, s:s}", "hostname", self->node, "utcoffset", 0.0,
			 "pid", self->pid, "clock", (json_int_t)++self->clock, "timestamp",
			 celery_time_now(), "type", type);
}

int celery_event_worker(struct celery_self *self, const char *type, char **ret, size_t *ret_len)
{
	char key[32];
	const struct celery_envelope e = { .exchange = "celeryev",
					   .routing_key = key,
					   .hostname = self->node };
	_cleanup_(json_decrefp) json_t *body = common(self, type);
	_cleanup_(json_decrefp) json_t *more = NULL;
	double load[3] = { 0 };

	snprintf(key, sizeof(key), "%s", type);
	*strchrnul(key, '-') = '.';
	if (getloadavg(load, 3) < 3)
		load[0] = load[1] = load[2] = 0;
	more = json_pack("{s:f, s:I, s:I, s:[f,f,f], s:s, s:s, s:s}", "freq", HEARTBEAT_SEC,
			 "active", (json_int_t)self->active, "processed",
			 (json_int_t)self->processed, "loadavg", load[0], load[1], load[2],
			 "sw_ident", "kodewar", "sw_ver", CELERY_SW_VERSION, "sw_sys", "Linux");
	if (!body || !more || json_object_update(body, more) < 0)
		return -ENOMEM;
	return make_json(&e, body, ret, ret_len);
}

/* ---- of tasks ---- */

static json_t *details(const struct celery_event *e)
{
	const struct celery_task *t = e->task;

	switch (e->kind) {
	case CELERY_EV_RECEIVED:
		return json_pack("{s:s*, s:s*, s:s*, s:s?, s:s?, s:i, s:s?, s:s?}", "name", t->name,
				 "args", t->argsrepr, "kwargs", t->kwargsrepr, "root_id",
				 t->root_id, "parent_id", t->parent_id, "retries", (int)t->retries,
				 "eta", t->eta_text, "expires", t->expires_text);
	case CELERY_EV_STARTED: return json_object();
	case CELERY_EV_SUCCEEDED:
		return json_pack("{s:s, s:f}", "result", e->text, "runtime", e->runtime_sec);
	case CELERY_EV_FAILED: return json_pack("{s:s, s:n}", "exception", e->text, "traceback");
	case CELERY_EV_REVOKED:
		return json_pack("{s:b, s:n, s:b}", "terminated", e->terminated, "signum",
				 "expired", e->expired);
	}
	return NULL;
}

int celery_event_add(struct celery_self *self, json_t *list, const struct celery_event *e)
{
	static const char *const types[] = { "task-received", "task-started", "task-succeeded",
					     "task-failed", "task-revoked" };
	json_t *body = common(self, types[e->kind]);
	_cleanup_(json_decrefp) json_t *more = details(e);

	if (!body || !more || json_object_update(body, more) < 0 ||
	    json_object_set_new(body, "uuid", json_string(e->task->id)) < 0) {
		json_decref(body);
		return -ENOMEM;
	}
	return json_array_append_new(list, body) < 0 ? -ENOMEM : 0;
}

int celery_event_tasks(const struct celery_self *self, const json_t *list, char **ret,
		       size_t *ret_len)
{
	const struct celery_envelope e = { .exchange = "celeryev",
					   .routing_key = "task.multi",
					   .hostname = self->node };

	return make_json(&e, list, ret, ret_len);
}

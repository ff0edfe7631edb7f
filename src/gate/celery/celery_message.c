/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See celery_message.h.  Whoever can write to the broker is a stranger: everything is looked at before it is used, pickle,
 * YAML and msgpack are not read at all, and what this worker does not do (chains, chords, callbacks) is refused rather
 * than forgotten, since a caller would wait for it for ever.
 */
#include "gate/celery/celery_message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/base64.h"
#include "codec/json_read.h"
#include "gate/celery/celery_time.h"

#define TIME_MAX 95617584000.0 /* the year 5000 */
#define NAME_SHOWN 80	       /* bytes of somebody else's text in a message of ours */

static int refuse(struct celery_refusal *r, const char *module, const char *type, const char *fmt,
		  ...) __attribute__((format(printf, 4, 5)));

static int refuse(struct celery_refusal *r, const char *module, const char *type, const char *fmt,
		  ...)
{
	va_list ap;

	r->exc_module = module;
	r->exc_type = type;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	return CELERY_REFUSED;
}

static int refuse_value(struct celery_refusal *r, const char *field, const char *rule)
{
	return refuse(r, "builtins", "ValueError", "%s: %s", field, rule);
}

/* A text, or NULL where there is none, or where it holds a NUL. */
static const char *text_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	const char *s = json_string_value(v);

	return s && strlen(s) == json_string_length(v) ? s : NULL;
}

json_t *celery_json_load(const char *text, size_t len)
{
	struct refusal refusal;
	json_t *root = NULL;

	if (len > CELERY_MESSAGE_MAX || json_read_body(text, len, &refusal, &root) != 0)
		return NULL;
	return root;
}

/* ---- the body ---- */

/* What makes a body something else than JSON in UTF-8, by name. */
static int check_content(const json_t *envelope, struct celery_refusal *r)
{
	const char *type = text_of(envelope, "content-type");
	const char *encoding = text_of(envelope, "content-encoding");
	const json_t *headers = json_object_get(envelope, "headers");
	const char *compression = text_of(headers, "compression");

	if (!type || strcmp(type, "application/json") != 0)
		return refuse(r, "kombu.exceptions", "ContentDisallowed",
			      "content-type: %.*s%s is refused, only application/json is read "
			      "(task_serializer = 'json')",
			      NAME_SHOWN, type ? type : "none",
			      type && !strcmp(type, "application/x-python-serialize") ? " (pickle)"
										      : "");
	if (encoding && strcasecmp(encoding, "utf-8") != 0 && strcasecmp(encoding, "us-ascii") != 0)
		return refuse(r, "kombu.exceptions", "ContentDisallowed",
			      "content-encoding: %.*s is refused, only utf-8 is read", NAME_SHOWN,
			      encoding);
	if (compression)
		return refuse(r, "kombu.exceptions", "ContentDisallowed",
			      "compression: %.*s is refused, messages must not be compressed",
			      NAME_SHOWN, compression);
	return 0;
}

static json_t *load_base64(const char *text, size_t len)
{
	_cleanup_free_ char *bytes = malloc(BASE64_DECODED_MAX(len) + 1);
	ssize_t n = bytes ? base64_decode(text, len, bytes) : -1;

	return n < 0 ? NULL : celery_json_load(bytes, (size_t)n);
}

json_t *celery_envelope_body(const json_t *envelope, struct celery_refusal *refusal)
{
	const json_t *body = json_object_get(envelope, "body");
	const char *how = text_of(json_object_get(envelope, "properties"), "body_encoding");
	json_t *payload = NULL;

	if (check_content(envelope, refusal))
		return NULL;
	if (!json_is_string(body)) {
		refuse_value(refusal, "body", "must be a string");
		return NULL;
	}
	if (!how)
		payload = celery_json_load(json_string_value(body), json_string_length(body));
	else if (!strcmp(how, "base64"))
		payload = load_base64(json_string_value(body), json_string_length(body));
	if (!payload)
		refuse_value(refusal, "body",
			     "is not JSON in base64 (numbers must fit into 64 bits, NaN and "
			     "Infinity are no JSON)");
	return payload;
}

/* ---- what is asked for besides the call ---- */

static int read_time(const char *field, const json_t *headers, const char **ret_text, double *ret,
		     struct celery_refusal *r)
{
	const json_t *v = json_object_get(headers, field);

	if (!v || json_is_null(v))
		return 0;
	*ret_text = text_of(headers, field);
	if (*ret_text && celery_time_parse(*ret_text, ret) == 0 && *ret < TIME_MAX)
		return 0;
	*ret_text = NULL;
	return refuse_value(r, field, "must be a time in ISO 8601, before the year 5000");
}

static int read_limits(const json_t *headers, struct celery_task *t, struct celery_refusal *r)
{
	const json_t *v = json_object_get(headers, "timelimit");
	double *into[] = { &t->hard_sec, &t->soft_sec };

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_array(v) || json_array_size(v) != ARRAY_SIZE(into))
		return refuse_value(r, "timelimit", "must be [hard, soft]");
	for (size_t i = 0; i < ARRAY_SIZE(into); i++) {
		const json_t *sec = json_array_get(v, i);

		if (json_is_null(sec))
			continue;
		if (!json_is_number(sec) || json_number_value(sec) <= 0)
			return refuse_value(r, "timelimit", "must be seconds above 0");
		*into[i] = json_number_value(sec);
	}
	return 0;
}

static bool is_empty(const json_t *v)
{
	return !v || json_is_null(v) || (json_is_array(v) && json_array_size(v) == 0);
}

static int check_embed(const json_t *embed, struct celery_refusal *r)
{
	static const struct {
		const char *key, *what;
	} refused[] = {
		{ "chord", "chord: a task of this worker cannot be part of a chord" },
		{ "chain", "chain: a task of this worker cannot be followed by another" },
		{ "callbacks", "callbacks: link is not supported by this worker" },
		{ "errbacks", "errbacks: link_error is not supported by this worker" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (!is_empty(json_object_get(embed, refused[i].key)))
			return refuse(r, "builtins", "NotImplementedError",
				      "%s; call it from the caller, with the result",
				      refused[i].what);
	return 0;
}

/* ---- the call ---- */

static int read_submission(const json_t *v, struct celery_task *t, struct celery_refusal *r)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	const char *s = json_string_value(v);

	if (json_is_integer(v)) {
		snprintf(t->submission, sizeof(t->submission), "%lld",
			 (long long)json_integer_value(v));
		return 0;
	}
	if (!s || !*s || json_string_length(v) > CELERY_SUBMISSION_MAX ||
	    strspn(s, allowed) != json_string_length(v))
		return refuse_value(
			r, "submission_id",
			"must be an integer, or 1 to 128 letters, digits, '-', '_', '.'");
	strcpy(t->submission, s);
	return 0;
}

/* None is what a Python caller leaves a default at: as if it were not there. */
static int read_argument(json_t *request, const char *name, json_t *value, struct celery_task *t,
			 struct celery_refusal *r)
{
	if (json_is_null(value))
		return 0;
	if (!strcmp(name, "submission_id"))
		return read_submission(value, t, r);
	return json_object_set(request, name, value) < 0 ? -ENOMEM : 0;
}

static int read_args(json_t *request, const struct celery_signature *s, struct celery_task *t,
		     struct celery_refusal *r)
{
	size_t n = json_array_size(t->args);
	int k = 0;

	if (!json_is_array(t->args) || !json_is_object(t->kwargs))
		return refuse(r, "builtins", "TypeError",
			      "args must be an array and kwargs an object");
	if (n > s->nparams)
		return refuse(r, "builtins", "TypeError",
			      "%s() takes %zu positional arguments but %zu were given", s->task,
			      s->nparams, n);
	for (size_t i = 0; k == 0 && i < n; i++) {
		if (json_object_get(t->kwargs, s->params[i]))
			return refuse(r, "builtins", "TypeError",
				      "%s() got multiple values for argument '%s'", s->task,
				      s->params[i]);
		k = read_argument(request, s->params[i], json_array_get(t->args, i), t, r);
	}
	return k;
}

static int make_request(const struct celery_signature *s, struct celery_task *t,
			struct celery_refusal *r)
{
	_cleanup_json_ json_t *request = json_object();
	void *i;
	int k = request ? read_args(request, s, t, r) : -ENOMEM;

	for (i = json_object_iter(t->kwargs); k == 0 && i; i = json_object_iter_next(t->kwargs, i))
		k = read_argument(request, json_object_iter_key(i), json_object_iter_value(i), t,
				  r);
	if (k)
		return k;
	t->request = json_dumps(request, JSON_COMPACT);
	if (!t->request)
		return -ENOMEM;
	t->request_len = strlen(t->request);
	return 0;
}

/* ---- the envelope ---- */

static void read_names(const json_t *from, struct celery_task *t)
{
	t->name = text_of(from, "task");
	t->group = text_of(from, "group");
	t->root_id = text_of(from, "root_id");
	t->parent_id = text_of(from, "parent_id");
	t->argsrepr = text_of(from, "argsrepr");
	t->kwargsrepr = text_of(from, "kwargsrepr");
	t->retries = (unsigned)json_integer_value(json_object_get(from, "retries"));
	t->ignore_result = json_is_true(json_object_get(from, "ignore_result"));
}

/* The id names a key: no byte in it may be more than a name's. */
static bool id_ok(const char *id)
{
	size_t len = strlen(id);

	if (len == 0 || len > CELERY_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)id[i] <= ' ' || id[i] == 0x7f)
			return false;
	return true;
}

static void read_id(struct celery_task *t)
{
	const json_t *headers = json_object_get(t->envelope, "headers");
	const json_t *properties = json_object_get(t->envelope, "properties");
	const char *id = text_of(headers, "id");

	if (!id)
		id = text_of(t->payload, "id");
	if (!id)
		id = text_of(properties, "correlation_id");
	t->id = id && id_ok(id) ? id : "";
	t->delivery_info = json_object_get(properties, "delivery_info");
}

/* Where what protocol 2 has in its headers stands, and the call. Returns it, or NULL. */
static const json_t *find_call(struct celery_task *t, const json_t **ret_embed,
			       struct celery_refusal *r)
{
	const json_t *headers = json_object_get(t->envelope, "headers");

	if (text_of(headers, "task") && json_array_size(t->payload) == 3) {
		t->args = json_array_get(t->payload, 0);
		t->kwargs = json_array_get(t->payload, 1);
		*ret_embed = json_array_get(t->payload, 2);
		return headers;
	}
	if (text_of(t->payload, "task")) {
		t->args = json_object_get(t->payload, "args");
		t->kwargs = json_object_get(t->payload, "kwargs");
		*ret_embed = t->payload;
		return t->payload;
	}
	refuse_value(r, "body", "is no message of Celery's protocol 2 or 1");
	return NULL;
}

static int read_task(const struct celery_signature *s, struct celery_task *t,
		     struct celery_refusal *r)
{
	const json_t *embed, *from = find_call(t, &embed, r);
	int k;

	if (!from)
		return CELERY_REFUSED;
	read_names(from, t);
	if (strcmp(t->name, s->task) != 0)
		return refuse(r, "celery.exceptions", "NotRegistered", "%.*s", NAME_SHOWN, t->name);
	k = check_embed(embed, r);
	if (k == 0)
		k = read_time("eta", from, &t->eta_text, &t->eta, r);
	if (k == 0)
		k = read_time("expires", from, &t->expires_text, &t->expires, r);
	if (k == 0)
		k = read_limits(from, t, r);
	return k ? k : make_request(s, t, r);
}

int celery_message_decode(const char *raw, size_t len, const struct celery_signature *signature,
			  struct celery_task *ret, struct celery_refusal *refusal)
{
	int k;

	*ret = (struct celery_task){ .id = "" };
	*refusal = (struct celery_refusal){ .exc_type = "ValueError", .exc_module = "builtins" };
	ret->envelope = celery_json_load(raw, len);
	if (!json_is_object(ret->envelope)) {
		refuse_value(refusal, "message", "is no envelope of kombu's");
		return CELERY_UNREADABLE;
	}
	ret->payload = celery_envelope_body(ret->envelope, refusal);
	read_id(ret);
	if (!*ret->id) {
		refuse_value(refusal, "id", "there is none, or it is no name");
		return CELERY_UNREADABLE;
	}
	if (!ret->payload) {
		read_names(json_object_get(ret->envelope, "headers"), ret);
		return CELERY_REFUSED;
	}
	k = read_task(signature, ret, refusal);
	if (k < 0)
		celery_task_done(ret);
	return k;
}

void celery_task_done(struct celery_task *t)
{
	json_decref(t->envelope);
	json_decref(t->payload);
	free(t->request);
	*t = (struct celery_task){ .id = "" };
}

/* ---- who waits for it ---- */

static size_t follower(const json_t *signature, const char **ret, size_t n, size_t max)
{
	const char *id = text_of(json_object_get(signature, "options"), "task_id");

	if (id && n < max && id_ok(id))
		ret[n++] = id;
	return n;
}

size_t celery_task_followers(const struct celery_task *t, const char **ret, size_t max)
{
	const json_t *embed =
		json_is_array(t->payload) ? json_array_get(t->payload, 2) : t->payload;
	static const char *const lists[] = { "chain", "callbacks", "errbacks" };
	size_t n = follower(json_object_get(embed, "chord"), ret, 0, max);

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		const json_t *list = json_object_get(embed, lists[l]);

		for (size_t i = 0; i < json_array_size(list); i++)
			n = follower(json_array_get(list, i), ret, n, max);
	}
	return n;
}

int celery_message_redeliver(const char *raw, size_t len, char **ret)
{
	_cleanup_json_ json_t *m = celery_json_load(raw, len);
	json_t *info = json_object_get(json_object_get(m, "properties"), "delivery_info");
	json_t *headers = json_object_get(m, "headers");

	if (!json_is_object(m))
		return -EINVAL;
	if (headers && json_object_set_new(headers, "redelivered", json_true()) < 0)
		return -EINVAL;
	if (info && json_object_set_new(info, "redelivered", json_true()) < 0)
		return -EINVAL;
	*ret = json_dumps(m, JSON_COMPACT);
	return *ret ? 0 : -ENOMEM;
}

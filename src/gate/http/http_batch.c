/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many submissions in one body.  Each is a durable job of its own, and is refused on its own; the answer goes out when
 * the last of them is on disk or refused.  A client that goes away before misses the answer, not the jobs: with an
 * Idempotency-Key he may send the same again, and gets the jobs that it made.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "codec/json_slices.h"
#include "gate/http/http_call.h"

#define BATCH_KEY_BYTES (DESK_KEY_MAX + 1)

struct batch_entry {
	struct http_batch *batch;
	bool asking; /* an answer of the desk is due, with this entry as its user */
	char *text;  /* owned: the entry of the answer */
	size_t len;
};

struct http_batch {
	struct http_call *call;
	size_t n, left;
	struct batch_entry *entries; /* owned */
};

void http_batch_free(struct http_batch *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++) {
		if (b->entries[i].asking)
			desk_forget(b->call->gate->config.desk, &b->entries[i]);
		free(b->entries[i].text);
	}
	free(b->entries);
	free(b);
}

/* ---- the answer ---- */

static void append(char **at, const char *text, size_t len)
{
	memcpy(*at, text, len);
	*at += len;
}

static void answer(struct http_batch *b)
{
	static const char head[] = "{\"jobs\":[", tail[] = "]}\n";
	struct http_request *r = b->call->request;
	size_t size = sizeof(head) + sizeof(tail);
	_cleanup_free_ char *text = NULL;
	char *at;

	for (size_t i = 0; i < b->n; i++)
		size += b->entries[i].len + 1;
	at = text = malloc(size);
	if (!text) {
		problem_answer(r, &PROBLEM(503, "out of memory"));
		return;
	}
	append(&at, head, sizeof(head) - 1);
	for (size_t i = 0; i < b->n; i++) {
		if (i > 0)
			append(&at, ",", 1);
		append(&at, b->entries[i].text ? b->entries[i].text : "null", b->entries[i].len);
	}
	append(&at, tail, sizeof(tail) - 1);
	http_answer(r, 202, "application/json", text, (size_t)(at - text));
}

static void refused_as(struct batch_entry *e, const struct problem *p)
{
	const char *id = http_id(e->batch->call->request);

	if (problem_encode(p, id, &e->text, &e->len) < 0)
		e->text = NULL;
}

static void refused(struct batch_entry *e, const struct desk_answer *a)
{
	char detail[sizeof(a->refusal.field) + sizeof(a->refusal.rule) + 8];
	struct problem p;

	if (a->kind != DESK_REFUSED) {
		http_jobs_problem(a, &p);
	} else {
		const char *field = *a->refusal.field ? a->refusal.field : "body";

		p = PROBLEM(*a->refusal.field ? 422 : 400, detail);
		snprintf(detail, sizeof(detail), "%s: %s", field, a->refusal.rule);
		p.field = field;
		p.rule = a->refusal.rule;
	}
	refused_as(e, &p);
}

static void then(void *user, const struct desk_answer *a)
{
	struct batch_entry *e = user;
	struct http_batch *b = e->batch;

	e->asking = false;
	if (a->kind == DESK_ACCEPTED || a->kind == DESK_KNOWN)
		e->text = http_jobs_text(b->call, a->job, &e->len);
	else
		refused(e, a);
	if (!e->text)
		e->len = 4; /* null */
	while (e->text && e->len > 0 && e->text[e->len - 1] == '\n')
		e->len--;
	if (--b->left == 0)
		answer(b);
}

/* ---- the question ---- */

static void ask_one(struct batch_entry *e, const struct desk_ask *common, struct text body,
		    size_t i)
{
	struct desk *desk = e->batch->call->gate->config.desk;
	struct desk_answer failed = { .kind = DESK_FAILED };
	struct desk_ask ask = *common;
	char key[BATCH_KEY_BYTES];

	ask.body = body.data;
	ask.len = body.len;
	if (ask.key) {
		snprintf(key, sizeof(key), "%s/%zu", common->key, i);
		ask.key = key;
	}
	if (desk_submit(desk, &ask, then, e, &failed.err) < 0) {
		log_event(LOG_LEVEL_ERROR, "request failed request=%s: %s",
			  http_id(e->batch->call->request), failed.err.text);
		then(e, &failed);
	} else {
		e->asking = true;
	}
}

static struct http_batch *batch_new(struct http_call *c, size_t n)
{
	struct http_batch *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->call = c;
	b->entries = calloc(n, sizeof(*b->entries));
	if (!b->entries) {
		free(b);
		return NULL;
	}
	b->n = b->left = n;
	for (size_t i = 0; i < n; i++)
		b->entries[i].batch = b;
	return b;
}

void http_serve_batch(struct http_call *c)
{
	_cleanup_free_ struct text *slices = calloc(HTTP_BATCH_MAX, sizeof(*slices));
	struct desk_tenant tenant;
	struct refusal refusal;
	struct desk_ask ask;
	size_t n = 0;

	if (http_jobs_ask(c, &tenant, &ask))
		return;
	if (!slices) {
		problem_answer(c->request, &PROBLEM(503, "out of memory"));
		return;
	}
	if (json_slices_read(ask.body, ask.len, "submissions", HTTP_BATCH_MAX, slices, &n,
			     &refusal)) {
		problem_refuse(c->request, &refusal);
		return;
	}
	auth_charge(c->gate->config.auth, c->tenant, n - 1); /* one was taken for the request */
	ask.durable = true;
	c->batch = batch_new(c, n);
	if (!c->batch) {
		problem_answer(c->request, &PROBLEM(503, "out of memory"));
		return;
	}
	/* One more than there are: no answer before all are asked for. */
	c->batch->left++;
	for (size_t i = 0; i < n; i++)
		ask_one(&c->batch->entries[i], &ask, slices[i], i);
	if (--c->batch->left == 0)
		answer(c->batch);
}

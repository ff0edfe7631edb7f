/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an ask to an answer.  In this order, cheapest first: does the service take jobs at all, is the key known, is
 * there room, is the body a request, can it be written down.  An answer waits in a list of its own: until the
 * desk's turn, where a body is large until it was read beside the loop, and where a job is durable until the disk has it.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gate/cli/cli_audit.h"
#include "gate/desk/desk_decode.h"
#include "gate/desk/desk_parts.h"

#define LARGE_BYTES (256u << 10) /* three milliseconds to read */

/* ---- answers ---- */

static struct desk_pending *pending_new(struct local_desk *d, void *user)
{
	struct desk_pending *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->desk = d;
	p->user = user;
	TAILQ_INSERT_TAIL(&d->pendings, p, link);
	return p;
}

static void ready(struct desk_pending *p)
{
	p->ready = true;
	desk_wake(p->desk);
}

static void answer(struct desk_pending *p, enum desk_answer_kind kind)
{
	p->answer.kind = kind;
	ready(p);
}

static void tell(struct desk_pending *p)
{
	struct local_job *j = p->job;

	if (p->dead)
		return;
	if (j && j->stage == STAGE_QUEUED)
		p->answer.position = engine_position(p->desk->config.engine, j->job);
	if (p->lookup && p->answer.kind != DESK_AWAY)
		p->answer.kind = j ? DESK_KNOWN : DESK_NONE;
	p->answer.job = j ? &j->base : NULL;
	p->then(p->user, &p->answer);
}

/* Callbacks may ask again, and forget: look anew after each. */
void desk_submit_answer(struct local_desk *d)
{
	struct desk_pending *p;
	bool told;

	do {
		told = false;
		for (p = TAILQ_FIRST(&d->pendings); p && !told; p = TAILQ_NEXT(p, link)) {
			if (!p->ready)
				continue;
			TAILQ_REMOVE(&d->pendings, p, link);
			tell(p);
			free(p);
			told = true;
			break;
		}
	} while (told);
}

/* Unless another who used its key is yet to be told of it. */
static void abandon(struct local_job *j)
{
	const struct desk_pending *p;

	for (p = TAILQ_FIRST(&j->desk->pendings); p; p = TAILQ_NEXT(p, link))
		if (p->job == j && !p->dead)
			return;
	desk_store_free_key(j);
	desk_life_cancel(j);
}

void desk_submit_forget(struct desk *desk, void *user)
{
	struct local_desk *d = local_desk(desk);
	struct desk_pending *p;

	for (p = TAILQ_FIRST(&d->pendings); p; p = TAILQ_NEXT(p, link)) {
		struct local_job *j = p->job;

		if (p->user != user || p->dead)
			continue;
		p->dead = true;
		if (j && !p->lookup && p->answer.kind == DESK_ACCEPTED && !j->durable &&
		    TAILQ_EMPTY(&j->watches))
			abandon(j);
	}
}

/* ---- keys ---- */

/* A job that is to be on disk is none that dies with its client. */
static void answer_known(struct desk_pending *p, struct local_job *j, const unsigned char *digest,
			 bool durable)
{
	if (memcmp(j->digest, digest, sizeof(j->digest)) != 0 || (durable && !j->durable)) {
		answer(p, DESK_CONFLICT);
		return;
	}
	p->job = j;
	p->answer.kind = DESK_KNOWN;
	if (j->stage != STAGE_STORING && j->stage != STAGE_DECODING)
		ready(p);
}

/* ---- what the journal says ---- */

static struct desk_pending *waiting_for(struct local_desk *d, const struct local_job *j)
{
	struct desk_pending *p;

	for (p = TAILQ_FIRST(&d->pendings); p; p = TAILQ_NEXT(p, link))
		if (!p->ready && p->job == j)
			return p;
	return NULL;
}

/* Nothing became of it. */
static void drop_stored(struct local_job *j, int result, const struct journal_entry *entry)
{
	struct local_desk *d = j->desk;
	struct local_job *known = NULL;
	struct desk_pending *p;

	if (result == -EEXIST) {
		log_event(LOG_LEVEL_INFO, "key known job=%s id=%s", j->id, entry->id);
		desk_store_unlink(j); /* its key is the other's */
		known = desk_store_load(d, entry);
	} else {
		log_event(LOG_LEVEL_ERROR, "job not recorded job=%s error=%d", j->id, result);
	}
	while ((p = waiting_for(d, j))) {
		p->job = NULL;
		if (known) {
			answer_known(p, known, j->digest, true);
			continue;
		}
		err_set(&p->answer.err, result == -EEXIST ? ENOMEM : result, "record the job");
		answer(p, DESK_NO_STORE);
	}
	desk_store_free(j);
}

static void on_stored(void *user, int result, const struct journal_entry *entry)
{
	struct local_job *j = user;
	struct desk_pending *p;

	if (result < 0) {
		drop_stored(j, result, entry);
		return;
	}
	if (j->left)
		desk_life_leave(j);
	else
		desk_life_go(j, false);
	while ((p = waiting_for(j->desk, j)))
		ready(p);
}

static int store(struct local_job *j)
{
	struct local_desk *d = j->desk;
	struct journal_entry entry = { .id = j->id,
				       .tenant = j->owner->name,
				       .key = j->key ? j->key : "",
				       .trace = j->trace ? j->trace : "",
				       .body = j->body,
				       .body_len = j->body_len,
				       .tries = j->counted,
				       .deadline_ms = j->deadline_ms,
				       .priority = j->priority };

	memcpy(entry.digest, j->digest, sizeof(entry.digest));
	j->stage = STAGE_STORING;
	return journal_accept(d->config.journal, &entry, on_stored, j);
}

/* ---- asking ---- */

static int copy(char **ret, const char *text)
{
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}

/* It will begin at once: its first try is counted by the same write that accepts it. */
static bool begins_at_once(struct local_desk *d)
{
	struct engine_counts e;

	engine_count(d->config.engine, &e);
	return e.waiting == 0 && e.idle_lanes > 0;
}

static void take_rules(struct local_job *j, const struct desk_tenant *tenant)
{
	j->tenant_boxes = tenant->concurrency;
	if (tenant->caps)
		j->caps = *tenant->caps;
	if (tenant->defaults)
		j->defaults = *tenant->defaults;
}

static int make_job(struct local_desk *d, const struct desk_ask *ask, struct local_job **ret)
{
	char id[JOB_ID_BYTES];
	struct local_job *j;
	int r = ask->id ? 0 : job_id_make(id);

	if (r < 0)
		return r;
	j = desk_store_make(d, ask->tenant->name, ask->id ? ask->id : id);
	if (!j)
		return -ENOMEM;
	j->durable = ask->durable;
	j->quiet = ask->quiet;
	j->tell_output = ask->tell_output;
	j->priority = ask->priority;
	j->deadline_ms = ask->deadline_ms;
	j->counted = j->durable && begins_at_once(d);
	take_rules(j, ask->tenant);
	j->body_len = ask->len;
	if (j->durable || ask->len >= LARGE_BYTES) {
		j->body = malloc(ask->len + 1);
		if (j->body)
			memcpy(j->body, ask->body, ask->len);
	}
	if (((j->durable || ask->len >= LARGE_BYTES) && !j->body) || copy(&j->key, ask->key) < 0 ||
	    copy(&j->trace, ask->trace) < 0) {
		desk_store_free(j);
		return -ENOMEM;
	}
	*ret = j;
	return 0;
}

/* Small cases make large plans: what is held is known only now. -ENOBUFS: it has no room. */
static int weigh(struct local_job *j, bool known)
{
	struct local_desk *d = j->desk;
	uint64_t others = d->queued_bytes - (known ? j->weight_bytes : 0);
	uint64_t bytes =
		j->body_len + j->arena.used_bytes + j->plan.nsteps * sizeof(struct case_result);

	if (known)
		desk_store_weigh(j, bytes);
	else
		j->weight_bytes = bytes;
	return d->nlive - d->nleft == known || others + bytes <= d->config.queue_bytes ? 0
										       : -ENOBUFS;
}

/* r: of its plan. known: it is in the store already. 0, 1 (refused) or a negative errno; then it is to be freed. */
static int admit(struct local_job *j, bool known, int r, struct desk_answer *a)
{
	if (r > 0)
		cli_audit_refusal(j->id, &a->refusal);
	if (r == 0)
		r = weigh(j, known);
	if (r == 0 && !known)
		r = desk_store_add(j);
	if (r == 0)
		r = j->durable ? store(j) : desk_life_queue(j, &a->err);
	return r;
}

static void answer_not_admitted(struct desk_pending *p, int r)
{
	struct local_desk *d = p->desk;

	if (r == -ENOBUFS) {
		p->answer.position = d->nlive - d->nleft;
		p->answer.retry_after_sec = desk_room_retry_after(d, p->answer.position);
		answer(p, DESK_FULL);
		return;
	}
	if (r < 0 && !p->answer.err.code)
		err_set(&p->answer.err, r, "take the job");
	answer(p, r > 0 ? DESK_REFUSED : DESK_FAILED);
}

/* 1: is being read; 0: it is small, or cannot be read there; or a negative errno. */
static int begin_reading(struct local_job *j)
{
	int r;

	if (j->body_len < LARGE_BYTES)
		return 0;
	j->weight_bytes = 2 * j->body_len; /* the request will be about as much */
	r = desk_store_add(j);
	if (r < 0)
		return r;
	if (desk_decoder_read(j->desk->decoder, j) < 0) {
		desk_store_unlink(j);
		return 0;
	}
	j->stage = STAGE_DECODING;
	return 1;
}

void desk_submit_decoded(struct local_job *j, int result, const struct refusal *refusal)
{
	struct desk_answer a = { .refusal = *refusal };
	struct local_desk *d = j->desk;
	struct desk_pending *p;
	int r = result;

	if (!j->durable) {
		free(j->body);
		j->body = NULL;
	}
	j->counted = j->durable && begins_at_once(d);
	if (r == 0)
		r = desk_life_plan_decoded(j, &a.refusal);
	r = admit(j, true, r, &a);
	if (r == 0 && j->durable)
		return; /* on_stored() will tell */
	while ((p = waiting_for(d, j))) {
		if (r == 0) {
			ready(p);
			continue;
		}
		p->job = NULL;
		p->answer.refusal = a.refusal;
		p->answer.err = a.err;
		answer_not_admitted(p, r);
	}
	if (r != 0)
		desk_store_free(j);
}

static int take(struct local_job *j, const struct desk_ask *ask, struct desk_pending *p)
{
	int r = begin_reading(j);

	if (r == 0) {
		r = desk_life_plan(j, ask->body, ask->len, &p->answer.refusal);
		r = admit(j, false, r, &p->answer);
		if (r == 0 && !j->durable)
			ready(p);
	} else if (r > 0) {
		r = 0;
	}
	return r;
}

static void handle(struct local_desk *d, const struct desk_ask *ask, struct desk_pending *p)
{
	unsigned char digest[JOURNAL_DIGEST_BYTES] = { 0 };
	struct local_job *j;
	int r;

	if (ask->key ||
	    ask->durable) /* for whoever comes again with the key, in this life or the next */
		crypto_generichash(digest, sizeof(digest), (const unsigned char *)ask->body,
				   ask->len, NULL, 0);
	j = ask->key ? desk_store_by_key(d, ask->tenant->name, ask->key) : NULL;
	if (j) {
		answer_known(p, j, digest, ask->durable);
		return;
	}
	if (!desk_room_has(d, ask, &p->answer)) {
		answer(p, DESK_FULL);
		return;
	}
	r = make_job(d, ask, &j);
	if (r == 0) {
		memcpy(j->digest, digest, sizeof(digest));
		r = take(j, ask, p);
		if (r != 0)
			desk_store_free(j);
	}
	if (r != 0) {
		answer_not_admitted(p, r);
		return;
	}
	p->job = j;
	p->answer.kind = DESK_ACCEPTED;
}

int desk_submit_ask(struct desk *desk, const struct desk_ask *ask, desk_then *then, void *user,
		    struct err *err)
{
	struct local_desk *d = local_desk(desk);
	struct desk_pending *p = pending_new(d, user);

	if (!p)
		return err_set(err, ENOMEM, "ask the desk");
	p->then = then;
	if (d->draining) {
		answer(p, DESK_DRAINING);
	} else if (ask->durable && !d->config.journal) {
		err_set(&p->answer.err, ENOTSUP, "there is no journal");
		answer(p, DESK_NO_STORE);
	} else if (ask->len > d->config.body_bytes_max) {
		refusal_set(&p->answer.refusal, "", "is larger than %llu bytes",
			    (unsigned long long)d->config.body_bytes_max);
		answer(p, DESK_REFUSED);
	} else {
		handle(d, ask, p);
	}
	return 0;
}

/* ---- looking up ---- */

static void on_found(void *user, int result, const struct journal_entry *entry)
{
	struct desk_pending *p = user;

	if (entry)
		p->job = desk_store_load(p->desk, entry);
	if (entry ? !p->job : result < 0 && result != -ENOENT) {
		err_set(&p->answer.err, entry ? ENOMEM : result, "look a job up");
		p->answer.kind = DESK_AWAY;
	}
	ready(p);
}

int desk_submit_look(struct desk *desk, const char *tenant, const char *id, desk_then *then,
		     void *user)
{
	struct local_desk *d = local_desk(desk);
	struct desk_pending *p = pending_new(d, user);
	int r;

	if (!p)
		return -ENOMEM;
	p->then = then;
	p->lookup = true;
	p->job = desk_store_find(d, tenant, id);
	if (p->job || !d->config.journal || strlen(id) >= DESK_ID_BYTES) {
		ready(p);
		return 0;
	}
	r = journal_find(d->config.journal, tenant, id, on_found, p);
	if (r < 0) {
		TAILQ_REMOVE(&d->pendings, p, link);
		free(p);
	}
	return r;
}

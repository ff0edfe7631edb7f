/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which jobs are in memory.  All that are not over; of the others the latest, within a bound of bytes and of
 * time: those who are forgotten here may still be in the journal.  Nobody is forgotten while he is watched,
 * nor before the loop has turned.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "gate/desk/desk_parts.h"

/* ---- owners ---- */

struct desk_owner *desk_store_owner(struct local_desk *d, const char *tenant)
{
	struct desk_owner *o;

	for (o = TAILQ_FIRST(&d->owners); o; o = TAILQ_NEXT(o, link))
		if (strcmp(o->name, tenant) == 0)
			return o;
	return NULL;
}

static struct desk_owner *ref_owner(struct local_desk *d, const char *tenant)
{
	struct desk_owner *o = desk_store_owner(d, tenant);
	size_t len = strlen(tenant);

	if (!o) {
		o = calloc(1, sizeof(*o) + len + 1);
		if (!o)
			return NULL;
		memcpy(o->name, tenant, len + 1);
		TAILQ_INSERT_TAIL(&d->owners, o, link);
	}
	o->refs++;
	return o;
}

static void unref_owner(struct local_desk *d, struct desk_owner *o)
{
	if (!o || --o->refs)
		return;
	TAILQ_REMOVE(&d->owners, o, link);
	free(o);
}

/* ---- by id, by key ---- */

static int compare_ids(const void *a, const void *b)
{
	const struct local_job *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static int compare_keys(const void *a, const void *b)
{
	const struct local_job *x = a, *y = b;
	int c = strcmp(x->key, y->key);

	return c ? c : strcmp(x->owner->name, y->owner->name);
}

static struct local_job *found(void *node)
{
	return node ? *(struct local_job **)node : NULL;
}

struct local_job *desk_store_by_id(struct local_desk *d, const char *tenant, const char *id)
{
	struct local_job sample = { .desk = d }, *j;

	if (strlen(id) >= sizeof(sample.id))
		return NULL;
	strcpy(sample.id, id);
	j = found(tfind(&sample, &d->by_id, compare_ids));
	return j && strcmp(j->owner->name, tenant) == 0 ? j : NULL;
}

struct local_job *desk_store_find(struct local_desk *d, const char *tenant, const char *id)
{
	struct local_job *j = desk_store_by_id(d, tenant, id);

	return j && j->stage != STAGE_STORING && j->stage != STAGE_DECODING
		       ? j
		       : NULL; /* nobody was promised it yet */
}

struct local_job *desk_store_by_key(struct local_desk *d, const char *tenant, const char *key)
{
	struct local_job sample = { .owner = desk_store_owner(d, tenant),
				    .key = (char *)(uintptr_t)key };

	return sample.owner ? found(tfind(&sample, &d->by_key, compare_keys)) : NULL;
}

/* ---- from birth to oblivion ---- */

struct local_job *desk_store_make(struct local_desk *d, const char *tenant, const char *id)
{
	struct local_job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->base.ops = d->base.ops;
	j->desk = d;
	j->owner = ref_owner(d, tenant);
	TAILQ_INIT(&j->notes);
	TAILQ_INIT(&j->watches);
	arena_init(&j->arena, d->config.job_bytes);
	if (!j->owner || strlen(id) >= sizeof(j->id)) {
		unref_owner(d, j->owner);
		free(j);
		return NULL;
	}
	strcpy(j->id, id);
	return j;
}

/* -EEXIST: another job stands there, and stays. */
static int insert(struct local_job *j, void **root, int (*compare)(const void *, const void *))
{
	void *node = tsearch(j, root, compare);

	if (!node)
		return -ENOMEM;
	return found(node) == j ? 0 : -EEXIST;
}

int desk_store_add(struct local_job *j)
{
	struct local_desk *d = j->desk;
	int r = insert(j, &d->by_id, compare_ids);

	if (r < 0)
		return r;
	r = j->key ? insert(j, &d->by_key, compare_keys) : 0;
	if (r < 0) {
		tdelete(j, &d->by_id, compare_ids);
		return r;
	}
	if (j->weight_bytes == 0)
		j->weight_bytes = j->body_len;
	TAILQ_INSERT_TAIL(&d->live, j, link);
	d->nlive++;
	d->queued_bytes += j->weight_bytes;
	j->owner->live++;
	j->owner->bytes += j->weight_bytes;
	return 0;
}

void desk_store_free_key(struct local_job *j)
{
	if (j->key && found(tfind(j, &j->desk->by_key, compare_keys)) == j)
		tdelete(j, &j->desk->by_key, compare_keys);
}

static bool is_added(const struct local_job *j)
{
	return found(tfind(j, &j->desk->by_id, compare_ids)) == j;
}

static void leave_live(struct local_job *j)
{
	TAILQ_REMOVE(&j->desk->live, j, link);
	j->desk->nlive--;
	j->desk->nleft -= j->stage == STAGE_LEFT;
	j->desk->queued_bytes -= j->weight_bytes;
	j->owner->live--;
	j->owner->bytes -= j->weight_bytes;
}

void desk_store_weigh(struct local_job *j, uint64_t bytes)
{
	j->desk->queued_bytes += bytes - j->weight_bytes;
	j->owner->bytes += bytes - j->weight_bytes;
	j->weight_bytes = bytes;
}

static uint64_t weight(const struct local_job *j)
{
	return sizeof(*j) + j->result_len + j->notes_bytes;
}

void desk_store_retire(struct local_job *j)
{
	struct local_desk *d = j->desk;

	leave_live(j);
	j->stage = STAGE_OVER;
	j->over_nsec = clock_now_nsec();
	arena_done(&j->arena);
	loop_source_drop(&j->timer);
	free(j->body);
	j->body = NULL;
	j->body_len = 0;
	TAILQ_INSERT_TAIL(&d->over, j, link);
	d->nover++;
	d->kept_bytes += weight(j);
}

void desk_store_unlink(struct local_job *j)
{
	struct local_desk *d = j->desk;

	if (!is_added(j))
		return;
	tdelete(j, &d->by_id, compare_ids);
	desk_store_free_key(j);
	if (j->stage != STAGE_OVER) {
		leave_live(j);
		return;
	}
	TAILQ_REMOVE(&d->over, j, link);
	d->nover--;
	d->kept_bytes -= weight(j);
}

void desk_store_free(struct local_job *j)
{
	struct local_desk *d = j->desk;
	struct desk_pending *p;

	for (p = TAILQ_FIRST(&d->pendings); p; p = TAILQ_NEXT(p, link))
		if (p->job == j)
			p->job = NULL;
	desk_store_unlink(j);
	desk_events_done(j);
	loop_source_drop(&j->timer);
	arena_done(&j->arena);
	unref_owner(d, j->owner);
	free(j->key);
	free(j->trace);
	free(j->body);
	free(j->result);
	free(j);
}

/* It was found for somebody who is not told yet. */
static bool is_awaited(const struct local_job *j)
{
	const struct desk_pending *p;

	for (p = TAILQ_FIRST(&j->desk->pendings); p; p = TAILQ_NEXT(p, link))
		if (p->job == j)
			return true;
	return false;
}

void desk_store_evict(struct local_desk *d)
{
	uint64_t keep_nsec = d->config.keep_sec * NSEC_PER_SEC, now = clock_now_nsec();
	struct local_job *j, *next;

	for (j = TAILQ_FIRST(&d->over); j; j = next) {
		next = TAILQ_NEXT(j, link);
		if (d->kept_bytes <= d->config.kept_bytes && now - j->over_nsec <= keep_nsec)
			return;
		if (TAILQ_EMPTY(&j->watches) && !is_awaited(j))
			desk_store_free(j);
	}
}

struct local_job *desk_store_load(struct local_desk *d, const struct journal_entry *e)
{
	struct local_job *j = desk_store_by_id(d, e->tenant, e->id);
	bool has_key;

	if (j)
		return j;
	j = desk_store_make(d, e->tenant, e->id);
	if (!j)
		return NULL;
	j->durable = true;
	j->stage = STAGE_LEFT;
	j->tries = e->tries;
	memcpy(j->digest, e->digest, sizeof(j->digest));
	has_key = *e->key &&
		  !desk_store_by_key(d, e->tenant, e->key); /* else a job in memory has it */
	j->key = has_key ? strdup(e->key) : NULL;
	j->result = e->result ? strndup(e->result, e->result_len) : NULL;
	j->result_len = e->result_len;
	j->result_seq = j->last_seq = 1;
	if ((has_key && !j->key) || (e->result && !j->result) || desk_store_add(j) < 0) {
		desk_store_free(j);
		return NULL;
	}
	d->nleft++;
	if (j->result)
		desk_store_retire(j);
	return j;
}

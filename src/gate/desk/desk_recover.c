/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first thing in a life: what earlier ones promised.  A job that was begun three times, and took the service or
 * its host down each time, is not begun again: it gets a result that says so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gate/desk/desk_parts.h"

#define LIFE_SEQ \
	1000000u /* events of a later try are numbered from here: who saw the earlier ones sees them */

struct recovery {
	struct local_desk *desk;
	unsigned jobs;
};

static int copy(char **ret, const char *text)
{
	*ret = *text ? strdup(text) : NULL;
	return *text && !*ret ? -ENOMEM : 0;
}

/* Only copied: the journal is in the middle of reading. */
static int on_entry(void *user, const struct journal_entry *e)
{
	struct recovery *r = user;
	struct local_job *j = desk_store_make(r->desk, e->tenant, e->id);

	if (!j)
		return -ENOMEM;
	j->durable = j->tell_output = true;
	j->stage = STAGE_STORING;
	j->tries = e->tries;
	j->last_seq = (uint64_t)e->tries * LIFE_SEQ;
	j->priority = e->priority;
	j->deadline_ms = e->deadline_ms;
	memcpy(j->digest, e->digest, sizeof(j->digest));
	j->body = malloc(e->body_len + 1);
	j->body_len = e->body_len;
	if (j->body && e->body_len)
		memcpy(j->body, e->body, e->body_len);
	if (!j->body || copy(&j->key, e->key) < 0 || copy(&j->trace, e->trace) < 0 ||
	    desk_store_add(j) < 0) {
		desk_store_free(j);
		return -ENOMEM;
	}
	r->jobs++;
	return 0;
}

int desk_local_recover(struct desk *desk, struct err *err)
{
	struct local_desk *d = local_desk(desk);
	struct recovery recovery = { .desk = d };
	struct local_job *j, *next;
	char text[96];
	int r;

	if (!d->config.journal)
		return 0;
	r = journal_each_open(d->config.journal, on_entry, &recovery, err);
	if (r < 0)
		return r;
	for (j = TAILQ_FIRST(&d->live); j; j = next) {
		next = TAILQ_NEXT(j, link);
		if (j->stage != STAGE_STORING)
			continue;
		if (j->tries < DESK_TRIES) {
			desk_life_go(j, true);
			continue;
		}
		snprintf(text, sizeof(text),
			 "Internal error: it was begun %u times and never ended.", j->tries);
		desk_life_fail(j, text);
	}
	if (recovery.jobs)
		log_event(LOG_LEVEL_WARNING, "jobs of an earlier life taken up jobs=%u",
			  recovery.jobs);
	return 0;
}

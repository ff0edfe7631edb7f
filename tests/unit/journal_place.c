/* SPDX-License-Identifier: Apache-2.0 */
/* A directory with a journal in it, and what the journal tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/clock.h"
#include "journal_place.h"

sd_event *loop;

int journal_place_setup(void **state)
{
	return sd_event_new(&loop) >= 0 ? 0 : -1;
}

int journal_place_teardown(void **state)
{
	sd_event_unref(loop);
	return 0;
}

void place_make(struct place *p)
{
	*p = (struct place){ .dir = "/tmp/kodewar-journal-XXXXXX" };
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/jobs.db", p->dir);
}

void place_done(struct place *p)
{
	char command[96];

	if (p->mounted)
		assert_int_equal(umount(p->dir), 0);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	assert_int_equal(system(command), 0);
}

struct journal *place_open(const struct place *p, uint64_t keep_bytes, uint64_t reserve)
{
	const struct journal_config c = { .loop = loop,
					  .path = p->path,
					  .keep_sec = 3600,
					  .keep_bytes = keep_bytes,
					  .reserve_bytes = reserve };
	struct journal *j = NULL;
	struct err err = ERR_INIT;

	if (journal_open(&c, &j, &err) < 0)
		fail_msg("%s", err.text);
	return j;
}

void told_note(void *user, int result, const struct journal_entry *e)
{
	struct told *t = user;

	t->calls++;
	t->good += result == 0;
	t->last = result;
	if (!e)
		return;
	snprintf(t->id, sizeof(t->id), "%s", e->id);
	snprintf(t->result, sizeof(t->result), "%.*s", (int)e->result_len,
		 e->result ? e->result : "");
	t->tries = e->tries;
}

void told_await(const struct told *t, unsigned calls)
{
	uint64_t until = clock_now_nsec() + 20 * NSEC_PER_SEC;

	while (t->calls < calls) {
		if (clock_now_nsec() > until)
			fail_msg("waited in vain");
		assert_true(sd_event_run(loop, 100000) >= 0);
	}
}

int place_accept(struct journal *j, const char *id, const char *key, size_t len, struct told *t)
{
	char *body = malloc(len + 1);
	struct journal_entry e = { .id = id, .tenant = "t", .key = key, .trace = "", .body = body };
	int r;

	assert_non_null(body);
	memset(body, 'b', len);
	e.body_len = len;
	memset(e.digest, 7, sizeof(e.digest));
	r = journal_accept(j, &e, told_note, t);
	free(body);
	return r;
}

static int count_one(void *user, const struct journal_entry *e)
{
	struct told *t = user;

	t->calls++;
	assert_null(e->result);
	assert_int_equal(e->digest[5], 7);
	snprintf(t->id, sizeof(t->id), "%s", e->id);
	t->tries = e->tries;
	return 0;
}

struct told place_count_open(struct journal *j)
{
	struct told t = { 0 };
	struct err err = ERR_INIT;

	if (journal_each_open(j, count_one, &t, &err) < 0)
		fail_msg("%s", err.text);
	return t;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of the journal: written, read, removed.  A row is written twice: when its job is accepted, with the request, and
 * when it ends, with the result in the request's place.  In between only its tries change.
 *
 * Age is counted in the service's own time: `kept_ms` grows while it runs, from where the last life left it, so
 * that a clock that jumps, or is set right, cannot make results old.  Wall clock times are there to be shown.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "engine/journal_sql.h"

#define PRUNE_SEC 60ull
#define PRUNE_ROWS 100u /* in one transaction */
#define MSEC_PER_SEC 1000u

static uint64_t service_ms(const struct journal_db *db)
{
	return db->base_ms + (clock_now_nsec() - db->opened_nsec) / NSEC_PER_MSEC;
}

static int64_t wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * (int64_t)MSEC_PER_SEC + t.tv_nsec / (int64_t)NSEC_PER_MSEC;
}

sqlite3_stmt *journal_sql_use(struct journal_db *db, enum statement s)
{
	sqlite3_reset(db->prepared[s]);
	sqlite3_clear_bindings(db->prepared[s]);
	return db->prepared[s];
}

static void bind_text(sqlite3_stmt *st, int at, const char *text)
{
	sqlite3_bind_text(st, at, text ? text : "", -1, SQLITE_STATIC);
}

/* A bind that fails leaves NULL there, which the table's constraints refuse. */
static int step(struct journal_db *db, sqlite3_stmt *st)
{
	int r = journal_sql_error(db->sql, sqlite3_step(st));

	sqlite3_reset(st);
	return r;
}

static int run(struct journal_db *db, enum statement s)
{
	return step(db, journal_sql_use(db, s));
}

/* ---- writing ---- */

int journal_db_begin(struct journal_db *db)
{
	db->kept_before = db->kept_bytes;
	return run(db, S_BEGIN);
}

int journal_db_commit(struct journal_db *db)
{
	return run(db, S_COMMIT);
}

void journal_db_rollback(struct journal_db *db)
{
	db->kept_bytes = db->kept_before;
	run(db,
	    S_ROLLBACK); /* an error may have rolled back already: then there is nothing to do */
}

int journal_db_accept(struct journal_db *db, const struct journal_entry *e)
{
	sqlite3_stmt *st = journal_sql_use(db, S_ACCEPT);

	bind_text(st, 1, e->id);
	bind_text(st, 2, e->tenant);
	bind_text(st, 3, e->key);
	bind_text(st, 4, e->trace);
	sqlite3_bind_blob(st, 5, e->digest, sizeof(e->digest), SQLITE_STATIC);
	sqlite3_bind_int(st, 6, e->priority);
	sqlite3_bind_int64(st, 7, (sqlite3_int64)e->deadline_ms);
	sqlite3_bind_int64(st, 8, e->tries);
	sqlite3_bind_int64(st, 9, e->accepted_ms ? e->accepted_ms : wall_ms());
	sqlite3_bind_int64(st, 10, (sqlite3_int64)service_ms(db));
	sqlite3_bind_blob64(st, 11, e->body_len ? e->body : "", e->body_len, SQLITE_STATIC);
	return step(db, st);
}

int journal_db_count_try(struct journal_db *db, const char *id)
{
	sqlite3_stmt *st = journal_sql_use(db, S_TRY);

	bind_text(st, 1, id);
	return step(db, st);
}

int journal_db_end(struct journal_db *db, const struct journal_entry *e)
{
	sqlite3_stmt *st = journal_sql_use(db, S_END);
	int r;

	bind_text(st, 1, e->id);
	sqlite3_bind_blob64(st, 2, e->result, e->result_len, SQLITE_STATIC);
	sqlite3_bind_int64(st, 3, wall_ms());
	sqlite3_bind_int64(st, 4, (sqlite3_int64)service_ms(db));
	r = step(db, st);
	if (r == 0 && sqlite3_changes(db->sql) == 0)
		return -ENOENT;
	if (r == 0)
		db->kept_bytes += e->result_len;
	return r;
}

/* ---- reading ---- */

static const char *text_at(sqlite3_stmt *st, int at)
{
	const char *text = (const char *)sqlite3_column_text(st, at);

	return text ? text : "";
}

static struct journal_entry entry_of(sqlite3_stmt *st)
{
	struct journal_entry e = {
		.id = text_at(st, 0),
		.tenant = text_at(st, 1),
		.key = text_at(st, 2),
		.trace = text_at(st, 3),
		.body = sqlite3_column_blob(st, 5),
		.body_len = (size_t)sqlite3_column_bytes(st, 5),
		.result = sqlite3_column_blob(st, 6),
		.result_len = (size_t)sqlite3_column_bytes(st, 6),
		.tries = (unsigned)sqlite3_column_int64(st, 7),
		.accepted_ms = sqlite3_column_int64(st, 8),
		.ended_ms = sqlite3_column_int64(st, 9),
		.deadline_ms = (uint64_t)sqlite3_column_int64(st, 10),
		.priority = sqlite3_column_int(st, 11),
	};
	const void *digest = sqlite3_column_blob(st, 4);

	if (digest && sqlite3_column_bytes(st, 4) == sizeof(e.digest))
		memcpy(e.digest, digest, sizeof(e.digest));
	return e;
}

int journal_db_find(struct journal_db *db, const struct journal_entry *what,
		    struct journal_entry *ret)
{
	sqlite3_stmt *st = journal_sql_use(db, what->id ? S_BY_ID : S_BY_KEY);
	int rc;

	bind_text(st, 1, what->id ? what->id : what->key);
	bind_text(st, 2, what->tenant);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*ret = entry_of(st);
	return rc == SQLITE_ROW ? 1 : journal_sql_error(db->sql, rc);
}

int journal_db_each_open(struct journal_db *db,
			 int (*fn)(void *user, const struct journal_entry *entry), void *user)
{
	sqlite3_stmt *st = journal_sql_use(db, S_OPEN);
	int rc, r = 0;

	while (r == 0 && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		struct journal_entry e;

		if (rc != SQLITE_ROW) {
			r = journal_sql_error(db->sql, rc);
			break;
		}
		e = entry_of(st);
		r = fn(user, &e);
	}
	sqlite3_reset(st);
	return r;
}

/* ---- what is too old, or too much ---- */

void journal_db_keep(struct journal_db *db, uint64_t keep_sec, uint64_t keep_bytes)
{
	db->config.keep_sec = keep_sec;
	db->config.keep_bytes = keep_bytes;
}

/* 1: removed the oldest result; 0: it may stay. */
static int prune_one(struct journal_db *db)
{
	uint64_t now = service_ms(db), keep = db->config.keep_sec * MSEC_PER_SEC;
	sqlite3_stmt *st = journal_sql_use(db, S_OLDEST), *remove;
	int64_t seq, kept, len;
	int rc = sqlite3_step(st), r;

	seq = sqlite3_column_int64(st, 0);
	kept = sqlite3_column_int64(st, 1);
	len = sqlite3_column_int64(st, 2);
	sqlite3_reset(st);
	if (rc != SQLITE_ROW)
		return journal_sql_error(db->sql, rc);
	if (db->kept_bytes <= db->config.keep_bytes && now - (uint64_t)kept <= keep)
		return 0;
	remove = journal_sql_use(db, S_REMOVE);
	sqlite3_bind_int64(remove, 1, seq);
	r = step(db, remove);
	if (r < 0)
		return r;
	db->kept_bytes -= (uint64_t)len < db->kept_bytes ? (uint64_t)len : db->kept_bytes;
	return 1;
}

int journal_db_prune(struct journal_db *db)
{
	int r = journal_db_begin(db);
	unsigned n = 0;

	while (r == 0 && n < PRUNE_ROWS) {
		r = prune_one(db);
		if (r <= 0)
			break;
		r = 0;
		n++;
	}
	if (r == 0)
		r = journal_db_commit(db);
	if (r < 0)
		journal_db_rollback(db);
	else if (n)
		sqlite3_exec(db->sql, "PRAGMA incremental_vacuum(1000)", NULL, NULL, NULL);
	return r < 0 ? r : (int)n;
}

uint64_t journal_db_kept_bytes(const struct journal_db *db)
{
	return db->kept_bytes;
}

uint64_t journal_db_prune_sec(const struct journal_db *db)
{
	return db->config.keep_sec < PRUNE_SEC ? db->config.keep_sec : PRUNE_SEC;
}

/* By the clock, not by the want of work: a service that is never idle forgets as well. */
void journal_db_tidy(struct journal_db *db)
{
	uint64_t now = clock_now_nsec();

	if (db->kept_bytes <= db->config.keep_bytes &&
	    now - db->pruned_nsec < journal_db_prune_sec(db) * NSEC_PER_SEC)
		return;
	/* Where there is more, the next one is soon. */
	if (journal_db_prune(db) < (int)PRUNE_ROWS)
		db->pruned_nsec = now;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table; journal_rows.c says what is in it.
 *
 * synchronous=FULL: a commit is on the disk when it returns.  locking_mode=EXCLUSIVE: a second process that opens the
 * same journal would run every job a second time; it gets -EBUSY.
 */
#include "engine/journal_db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/journal_file.h"
#include "engine/journal_sql.h"

#define CHECKPOINT_PAGES 1000 /* of the log; as SQLite has it */

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS jobs ("
	" seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, key TEXT NOT NULL,"
	" trace TEXT NOT NULL, digest BLOB NOT NULL, priority INTEGER NOT NULL,"
	" deadline_ms INTEGER NOT NULL, tries INTEGER NOT NULL, accepted_ms INTEGER NOT NULL,"
	" ended_ms INTEGER, kept_ms INTEGER NOT NULL, body BLOB, result BLOB);"
	"CREATE UNIQUE INDEX IF NOT EXISTS jobs_key ON jobs(tenant, key) WHERE key != '';"
	"CREATE INDEX IF NOT EXISTS jobs_open ON jobs(seq) WHERE ended_ms IS NULL;"
	"CREATE INDEX IF NOT EXISTS jobs_kept ON jobs(kept_ms) WHERE ended_ms IS NOT NULL;";

static const char *const statements[] = {
#define STATEMENT_SQL(id, sql) sql,
	STATEMENTS(STATEMENT_SQL)
#undef STATEMENT_SQL
};

/* ---- small things ---- */

int journal_sql_error(sqlite3 *sql, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return 0;
	case SQLITE_FULL: return -ENOSPC;
	case SQLITE_READONLY: return -EROFS;
	case SQLITE_NOMEM: return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return -EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return -EUCLEAN;
	case SQLITE_CONSTRAINT: return -EEXIST;
	default: return sql && sqlite3_system_errno(sql) == ENOSPC ? -ENOSPC : -EIO;
	}
}

/* ---- open ---- */

/* One number, which a pragma answers; -1 where there is none. */
static int64_t pragma_number(sqlite3 *sql, const char *pragma)
{
	sqlite3_stmt *st = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(sql, pragma, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		value = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return value;
}

static int check_whole(sqlite3 *sql)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(sql, "PRAGMA quick_check(1)", -1, &st, NULL);
	int r;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	r = journal_sql_error(sql, rc);
	if (r == 0 && strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0)
		r = -EUCLEAN;
	sqlite3_finalize(st);
	return r;
}

static int set_up(struct journal_db *db)
{
	static const char settings[] =
		"PRAGMA locking_mode=EXCLUSIVE; PRAGMA auto_vacuum=INCREMENTAL;"
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		"PRAGMA journal_size_limit=67108864; PRAGMA user_version=1;";
	int64_t version = pragma_number(db->sql, "PRAGMA user_version");
	int rc, r;

	if (version > 1)
		return -EPROTO;
	rc = sqlite3_exec(db->sql, settings, NULL, NULL, NULL);
	r = journal_sql_error(db->sql, rc);
	if (r == 0)
		r = check_whole(db->sql);
	if (r == 0)
		r = journal_sql_error(db->sql, sqlite3_exec(db->sql, schema, NULL, NULL, NULL));
	return r;
}

static int prepare(struct journal_db *db)
{
	sqlite3_stmt *st;
	int r = 0;

	for (size_t i = 0; r == 0 && i < S_COUNT; i++)
		r = journal_sql_error(db->sql, sqlite3_prepare_v3(db->sql, statements[i], -1,
								  SQLITE_PREPARE_PERSISTENT,
								  &db->prepared[i], NULL));
	if (r < 0)
		return r;
	st = journal_sql_use(db, S_SUMS);
	r = journal_sql_error(db->sql, sqlite3_step(st));
	db->base_ms = (uint64_t)sqlite3_column_int64(st, 0);
	db->kept_bytes = (uint64_t)sqlite3_column_int64(st, 1);
	sqlite3_reset(st);
	return r;
}

static void close_sql(struct journal_db *db)
{
	for (size_t i = 0; i < S_COUNT; i++) {
		sqlite3_finalize(db->prepared[i]);
		db->prepared[i] = NULL;
	}
	sqlite3_close(db->sql);
	db->sql = NULL;
}

static int open_sql(struct journal_db *db)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
			  SQLITE_OPEN_EXRESCODE;
	int r = journal_sql_error(NULL, sqlite3_open_v2(db->config.path, &db->sql, flags, NULL));

	db->opened_nsec = clock_now_nsec();
	if (r == 0)
		r = set_up(db);
	if (r == 0)
		r = prepare(db);
	if (r < 0)
		close_sql(db);
	return r;
}

/* ---- a corrupt file ---- */

static int accept_again(void *user, const struct journal_entry *e)
{
	struct journal_db *db = user;
	int r = journal_db_accept(db, e);

	return r == -EEXIST ? 0 : r;
}

/* Jobs that are not over, as far as the file that was moved aside can be read. */
static unsigned salvage(struct journal_db *db, const char *aside)
{
	struct journal_db old = { .config = { .path = aside } };
	unsigned before, saved = 0;

	if (sqlite3_open_v2(aside, &old.sql, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(old.sql, statements[S_OPEN], -1, &old.prepared[S_OPEN], NULL) ==
		    SQLITE_OK &&
	    journal_db_begin(db) == 0) {
		before = (unsigned)sqlite3_total_changes(db->sql);
		journal_db_each_open(&old, accept_again, db);
		saved = (unsigned)sqlite3_total_changes(db->sql) - before;
		if (journal_db_commit(db) < 0) {
			journal_db_rollback(db);
			saved = 0;
		}
	}
	close_sql(&old);
	return saved;
}

static int begin_anew(struct journal_db *db, struct journal_db_story *story)
{
	char aside[JOURNAL_PATH_MAX];
	int r = journal_file_move_aside(db->config.path, aside);

	if (r < 0)
		return r;
	r = open_sql(db);
	if (r < 0)
		return r;
	snprintf(
		story->text, sizeof(story->text),
		"the journal was corrupt; it is %.150s now, and %u jobs that were not over were saved of it",
		aside, salvage(db, aside));
	return 0;
}

int journal_db_renew(struct journal_db *db, struct journal_db_story *story)
{
	close_sql(db);
	return begin_anew(db, story);
}

static const char *why(int r)
{
	switch (r) {
	case -EBUSY: return "another process has it open";
	case -EPROTO: return "it was written by a later version";
	case -EROFS: return "it cannot be written";
	default: return "it cannot be opened";
	}
}

int journal_db_open(const struct journal_db_config *c, struct journal_db **ret,
		    struct journal_db_story *story, struct err *err)
{
	struct journal_db *db = calloc(1, sizeof(*db));
	int r;

	*story = (struct journal_db_story){ "" };
	if (!db)
		return err_set(err, ENOMEM, "open the journal");
	db->config = *c;
	r = open_sql(db);
	if (r == -EUCLEAN)
		r = begin_anew(db, story);
	if (r < 0) {
		free(db);
		return err_set(err, r, "the journal %s: %s", c->path, why(r));
	}
	journal_file_sync_dir(c->path);
	journal_db_reserve(db); /* without it the first accept is refused, and says why */
	*ret = db;
	return 0;
}

void journal_db_close(struct journal_db *db)
{
	if (!db)
		return;
	close_sql(db);
	free(db);
}

/* ---- room on the disk ---- */

int journal_db_reserve(struct journal_db *db)
{
	int r;

	if (db->reserved || !db->config.reserve_bytes)
		return 0;
	r = journal_file_reserve(db->config.path, db->config.reserve_bytes);
	db->reserved = r == 0;
	if (r == 0)
		sqlite3_wal_autocheckpoint(db->sql, CHECKPOINT_PAGES);
	return r;
}

bool journal_db_spend_reserve(struct journal_db *db)
{
	bool had = db->reserved;

	if (had) {
		/* What a checkpoint puts into the file itself would take the room that is meant for results. */
		sqlite3_wal_autocheckpoint(db->sql, 0);
		journal_file_unreserve(db->config.path);
	}
	db->reserved = false;
	return had;
}

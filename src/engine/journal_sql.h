/* SPDX-License-Identifier: Apache-2.0 */
/* The database itself: what the two files behind journal_db.h share. */
#pragma once

#include <sqlite3.h>

#include "engine/journal_db.h"

#define COLUMNS \
	"id, tenant, key, trace, digest, body, result, tries, accepted_ms, ended_ms," \
	" deadline_ms, priority"

#define STATEMENTS(X) \
	X(BEGIN, "BEGIN IMMEDIATE") \
	X(COMMIT, "COMMIT") \
	X(ROLLBACK, "ROLLBACK") \
	X(ACCEPT, "INSERT INTO jobs(id, tenant, key, trace, digest, priority, deadline_ms, tries," \
		  " accepted_ms, kept_ms, body) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") \
	X(TRY, "UPDATE jobs SET tries = tries + 1 WHERE id = ?") \
	X(END, "UPDATE jobs SET body = NULL, result = ?2, ended_ms = ?3, kept_ms = ?4" \
	       " WHERE id = ?1 AND ended_ms IS NULL") \
	X(BY_ID, "SELECT " COLUMNS " FROM jobs WHERE id = ? AND tenant = ?") \
	X(BY_KEY, "SELECT " COLUMNS " FROM jobs WHERE key = ? AND tenant = ? AND key != ''") \
	X(OPEN, "SELECT " COLUMNS " FROM jobs WHERE ended_ms IS NULL ORDER BY seq") \
	X(OLDEST, "SELECT seq, kept_ms, length(result) FROM jobs WHERE ended_ms IS NOT NULL" \
		  " ORDER BY kept_ms LIMIT 1") \
	X(REMOVE, "DELETE FROM jobs WHERE seq = ?") \
	X(SUMS, "SELECT coalesce(max(kept_ms), 0), total(length(result)) FROM jobs")

enum statement {
#define STATEMENT_ID(id, sql) S_##id,
	STATEMENTS(STATEMENT_ID)
#undef STATEMENT_ID
		S_COUNT,
};

struct journal_db {
	struct journal_db_config config;
	sqlite3 *sql;			 /* owned */
	sqlite3_stmt *prepared[S_COUNT]; /* owned */
	uint64_t base_ms, opened_nsec;	 /* kept_ms: base, and time since */
	uint64_t pruned_nsec;
	uint64_t kept_bytes, kept_before; /* of results; before the transaction */
	bool reserved;
};

/* A negative errno, or 0; sql may be NULL. */
int journal_sql_error(sqlite3 *sql, int rc);
/* Ready to be bound. */
sqlite3_stmt *journal_sql_use(struct journal_db *db, enum statement s);

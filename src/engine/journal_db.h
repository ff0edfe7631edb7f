/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's database: every call to SQLite, and nothing else.  One thread at a time.  Errors are negative errnos:
 * -ENOSPC, -EROFS, -EUCLEAN (corrupt), -EBUSY (another process has it), -EIO …
 */
#pragma once

#include "engine/journal.h"

struct journal_db;

struct journal_db_config {
	const char *path; /* borrowed */
	uint64_t keep_sec, keep_bytes, reserve_bytes;
};

/* What an open had to do, for the log; empty: nothing. */
struct journal_db_story {
	char text[256];
};

/* Moves a corrupt file aside and saves of it what can be read. */
int journal_db_open(const struct journal_db_config *c, struct journal_db **ret,
		    struct journal_db_story *story, struct err *err);
void journal_db_close(struct journal_db *db);
/* Closes, moves the file aside, begins anew, as journal_db_open() does with what is corrupt. After a failure only close. */
int journal_db_renew(struct journal_db *db, struct journal_db_story *story);

int journal_db_begin(struct journal_db *db);
int journal_db_commit(struct journal_db *db);
void journal_db_rollback(struct journal_db *db);

/* Between begin and commit. -EEXIST: the key is taken. */
int journal_db_accept(struct journal_db *db, const struct journal_entry *e);
int journal_db_count_try(struct journal_db *db, const char *id);
/* -ENOENT: it was in a file that was moved aside, or has ended. */
int journal_db_end(struct journal_db *db, const struct journal_entry *e);

/* 1: found, valid until the next call; 0: there is none. By key where e->id is NULL. */
int journal_db_find(struct journal_db *db, const struct journal_entry *what,
		    struct journal_entry *ret);
int journal_db_each_open(struct journal_db *db,
			 int (*fn)(void *user, const struct journal_entry *entry), void *user);
void journal_db_keep(struct journal_db *db, uint64_t keep_sec, uint64_t keep_bytes);
/* Removes what is older than keep_sec, or beyond keep_bytes, in a transaction of its own. How many; bounded. */
int journal_db_prune(struct journal_db *db);
uint64_t journal_db_kept_bytes(const struct journal_db *db);
/* Prunes where more is kept than keep_bytes, and else now and then: every prune_sec. */
void journal_db_tidy(struct journal_db *db);
uint64_t journal_db_prune_sec(const struct journal_db *db);
/* The disk is full: gives back what was set aside for results. False: nothing was. */
bool journal_db_spend_reserve(struct journal_db *db);
/* Sets it aside (again). 0 or a negative errno. */
int journal_db_reserve(struct journal_db *db);

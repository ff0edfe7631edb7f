/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was accepted, so that it is not lost: SQLite, WAL, one writer, group commit.  Knows ids and opaque bytes,
 * nothing of JSON.  SQLite's calls block on the disk: they are made by one thread of the journal's own, which never
 * clones, and answers come by the loop, in the order of the calls.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"

#define JOURNAL_DIGEST_BYTES 32

struct journal;

struct journal_entry {
	const char *id, *tenant, *key; /* key "" = none; unique per tenant */
	const char *trace;	       /* "" = none */
	unsigned char
		digest[JOURNAL_DIGEST_BYTES]; /* of the request; kept for as long as the entry */
	const char *body;		      /* the request; NULL when it is over */
	size_t body_len;
	const char *result; /* NULL while it is not over */
	size_t result_len;
	unsigned tries;		       /* lives that began it */
	int64_t accepted_ms, ended_ms; /* wall clock; only for keeping and showing */
	uint64_t deadline_ms;
	int priority;
};

/*
 * result: 0, -EEXIST (key used: `entry` is that of the job that it made), -ENOENT, -ENOSPC, -EROFS, -EIO …
 * `entry` (of a find, or of -EEXIST) is valid during the call; NULL when there is none.
 */
typedef void journal_done(void *user, int result, const struct journal_entry *entry);

struct journal_config {
	sd_event *loop;
	const char *path; /* of the database; its directory is the gate's user's */
	uint64_t keep_sec,
		keep_bytes; /* results older, or beyond, are removed; a job that is not over never is */
	uint64_t
		reserve_bytes; /* set aside on the disk, so that results can be written when it is full */
};

struct journal_counts {
	uint64_t commits, operations, failures, bytes;
	bool takes; /* whether the last write went well */
};

/* A corrupt database is moved aside to PATH.corrupt-TIME, said in the log, and a new one begun. */
int journal_open(const struct journal_config *c, struct journal **ret, struct err *err);
/* How long results are kept, and how many bytes of them, from now on. */
void journal_keep(struct journal *j, uint64_t keep_sec, uint64_t keep_bytes);
/* Commits what is under way, tells nobody, then ends the thread. */
void journal_close(struct journal *j);
/*
 * All copy what they need; `done` may be NULL. They return 0, or -ENOMEM and no call follows.
 * Takes e's id, tenant, key, trace, digest, body, priority, deadline and tries.
 */
int journal_accept(struct journal *j, const struct journal_entry *e, journal_done *done,
		   void *user);
/* Before its first box: counts the try. */
int journal_begin(struct journal *j, const char *id, journal_done *done, void *user);
int journal_end(struct journal *j, const char *id, const char *result, size_t len,
		journal_done *done, void *user);
int journal_find(struct journal *j, const char *tenant, const char *id, journal_done *done,
		 void *user);
/* Calls back for every entry that is not over, oldest first; synchronous, for the start. */
int journal_each_open(struct journal *j, int (*fn)(void *user, const struct journal_entry *entry),
		      void *user, struct err *err);
void journal_count(struct journal *j, struct journal_counts *ret);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of the journal stand on: a directory of its own with a database in it, and what the
 * journal has told so far.  One loop for a program, made by its group's setup.
 */
#pragma once

#include "engine/journal.h"

struct place {
	char dir[64], path[96];
	bool mounted;
};

struct told {
	unsigned calls, good;
	int last;
	char id[40], result[64];
	unsigned tries;
};

extern sd_event *loop;

/* For cmocka's group: the loop. */
int journal_place_setup(void **state);
int journal_place_teardown(void **state);

void place_make(struct place *p);
void place_done(struct place *p); /* with what is mounted there */
struct journal *place_open(const struct place *p, uint64_t keep_bytes, uint64_t reserve);

/* Runs the loop until so many calls have come; user of told_note() is a struct told. */
void told_await(const struct told *t, unsigned calls);
void told_note(void *user, int result, const struct journal_entry *e);

/* A job of so many bytes, told to `t`; as journal_accept(). */
int place_accept(struct journal *j, const char *id, const char *key, size_t len, struct told *t);

/* How many are not over, and which was the last. */
struct told place_count_open(struct journal *j);

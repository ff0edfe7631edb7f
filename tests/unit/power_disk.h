/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk whose power can be cut.  It stands between SQLite and its files as a VFS of its own, and keeps a log of what
 * was made, written, cut short, removed and synced.  What a power cut at any moment leaves can then be made of the log:
 * what was synced is there; of everything else any part may be, in any order, torn within a write.
 *
 * Also directories: a file that was made or removed is so for good when its directory was synced.  That is seen where SQLite
 * does it, and in the program under test by its calls of fsync(), which is to be linked with --wrap=fsync.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum power_loss {
	POWER_LOSE_ALL,	 /* nothing is left but what was synced */
	POWER_LOSE_SOME, /* chance decides of each write, also of its parts */
	POWER_LOSE_NONE, /* the program died, not the machine */
};

/* From now on SQLite's default. lies: syncs of files of this ending do nothing ("-wal"); NULL: of none. */
void power_disk_begin(const char *lies);
/* Nothing is logged any more; open files may be closed. */
void power_disk_end(void);
void power_disk_forget(void);

/* How many things have happened; what was told to somebody by now is to outlive every cut from here on. */
size_t power_disk_now(void);
/* Whether that one, from 0, made something durable. */
bool power_disk_synced_at(size_t at);
/* What is left when only the first `things` happened, into an empty directory. */
void power_disk_cut(size_t things, enum power_loss loss, uint64_t seed, const char *dir);

/* SPDX-License-Identifier: Apache-2.0 */
/* What the journal does with files by itself, beside the database. */
#pragma once

#include <stdint.h>

#define JOURNAL_PATH_MAX 4096

/* To PATH.corrupt-TIME, with what belongs to it. 0 or a negative errno. */
int journal_file_move_aside(const char *path, char aside[static JOURNAL_PATH_MAX]);
/* PATH.reserve: so many bytes that nobody else gets. */
int journal_file_reserve(const char *path, uint64_t bytes);
void journal_file_unreserve(const char *path);
/* A file that was made is in its directory for good. */
int journal_file_sync_dir(const char *path);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder that a stranger packed: its plain files, found and opened beneath it with the caller's rights, read after these are
 * gone.  A symbolic link, a special file, a name that cannot be printed, and more than there is room for are refused by name
 * wherever the caller wants what stands there; nothing else is looked at.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/request.h"
#include "model/text.h"

#define FOLDER_FILES_MAX 8192
#define FOLDER_DEPTH_MAX 10
#define FOLDER_ENTRIES_MAX 65536      /* names that are looked at */
#define FOLDER_BYTES_MAX (2ull << 30) /* of all files together */
#define FOLDER_PATH_MAX 1024

struct folder_file {
	const char *path; /* from the folder, "data/secret/1.in" */
	int fd;		  /* owned; -1 once read */
	uint64_t bytes;	  /* when it was opened */
	char *data;	  /* owned; what was read, NULL before */
	size_t len;
};

struct folder {
	struct arena arena;
	const char *shown;	   /* as the caller named it */
	struct folder_file *files; /* owned; sorted by path, bytewise */
	size_t len, room;
	uint64_t max_file_bytes, bytes;
};

/* `dir`: the question is whether to look into it. */
typedef bool (*folder_wants)(void *user, const char *path, bool dir);

/* 0, 1 (refused: the field is the path) or a negative errno. To be undone by folder_done() whatever it was. */
int folder_open(struct folder *f, const char *path, uint64_t max_file_bytes, folder_wants wants,
		void *user, struct refusal *refusal);
/* A folder of the one file that the caller named; links are followed. */
int folder_open_file(struct folder *f, const char *path, uint64_t max_file_bytes,
		     struct refusal *refusal);
void folder_done(struct folder *f);

/* NULL where there is none. */
struct folder_file *folder_find(const struct folder *f, const char *path);
/* All of it, once: what is returned lives as long as the folder. 0, 1 (refused) or a negative errno. */
int folder_read(const struct folder *f, struct folder_file *file, struct text *ret,
		struct refusal *refusal);
/* refusal_set() with the folder's name and a path in it as the field. */
int folder_refuse(const struct folder *f, const char *path, struct refusal *refusal,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

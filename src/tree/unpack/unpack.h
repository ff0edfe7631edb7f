/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kodewar-unpack: makes a tree's directory out of a stranger's archive.  A program of its own, so that what reads the
 * archive (libarchive, its decompressors, jansson for an image's manifest) is in a process without any privilege, whose
 * root is the directory that it fills.
 *
 *   kodewar-unpack DIR UID MAX_BYTES MAX_FILES     the archive, a file that can be sought, is stdin
 *
 * stdout is for the caller, in lines: "p DONE ALL" bytes of the archive; "k image|files" what it is; "s N" things left
 * out, since a tree holds no devices, sockets and the like; "e TEXT" why it failed.  Ends with 0, or 1 after an "e".
 */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct unpack {
	int fd;			       /* the archive, at its beginning when nobody reads */
	uint64_t size;		       /* of the archive */
	uint64_t max_bytes, max_files; /* of what comes out */
	uint64_t bytes, files;	       /* so far */
	uint64_t skipped;
	uint64_t told;
};

/* ---- confine.c ---- */

/* For good: dir is the root, nothing else can be reached, no capability, no network, bounded in what it may use. */
int unpack_confine(const char *dir, unsigned uid, uint64_t max_bytes, struct err *err);

/* ---- read.c: archives, opened and closed ---- */

/* From the beginning of the file, in whatever of the usual tar formats and compressions it comes. */
struct archive *unpack_open(struct unpack *u, struct err *err);
/* An archive inside: the entry that was just read of the other. */
struct archive *unpack_open_within(struct archive *outer, struct err *err);
void unpack_close(struct archive **a);
/* 1, 0 at the end, or a negative errno. */
int unpack_next(struct unpack *u, struct archive *a, struct archive_entry **ret, struct err *err);
/* NULL with *err where it leads out, or is empty; "" for the root itself. The text is the entry's. */
const char *unpack_clean(const char *path, struct err *err);
/* A whole small file, terminated and to be freed; NULL where it is larger. */
char *unpack_small(struct archive *a, const struct archive_entry *e, size_t max, size_t *ret_len);

/* ---- files.c ---- */

/* All entries of an archive into the current directory; of_layer: but for the marks of an image's layer. */
int unpack_files(struct unpack *u, struct archive *a, bool of_layer, struct err *err);
/* What a layer says is gone from those below it. */
int unpack_whiteouts(struct unpack *u, struct archive *a, struct err *err);

/* ---- image.c ---- */

/* The layers of an image, lowest first. 0: it is none. 1: it is, and *ret_layers is to be freed, NULL-terminated. */
int unpack_image(struct unpack *u, char ***ret_layers, struct err *err);
int unpack_layer(struct unpack *u, const char *path, struct err *err);

/* ---- main.c ---- */

void unpack_tell(struct unpack *u, struct archive *a);

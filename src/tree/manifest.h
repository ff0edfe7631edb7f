/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tree is made of, file by file, in a text file beside it: PATH.manifest.
 *
 *   kodewar-tree 1
 *   made: how, in one line
 *   files: 6920
 *   bytes: 161234567
 *   digest: BLAKE2b-256 of all lines below the empty one, as hexadecimal digits
 *
 *   d 755 usr
 *   f 644 1234 HEX usr/share/a\040b      its size and the BLAKE2b-256 of its content
 *   l usr/bin bin                        the target, then the link
 *
 * Lines are in the order of a walk that sorts each directory by bytes.  Bytes of a name that are no printable ASCII, blanks
 * and backslashes are written as \ooo.  Only directories, files and links are in a tree: anything else is told as a fault.
 */
#pragma once

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "tree/place.h"

struct manifest_head {
	char made[256];
	char digest[PLACE_DIGEST_HEX];
	uint64_t files, bytes;
};

/* Of work that takes a while: so many of so many bytes (0: nobody knows). May be NULL. */
struct tree_progress {
	void (*step)(void *user, uint64_t done, uint64_t all);
	void *user;
};

/* The digest is "" where there is no manifest; one that does not hold its own digest is -EBADMSG. */
int manifest_read_head(const char *tree, struct manifest_head *ret, struct err *err);
/* Walks the tree, reads every file, and writes the manifest whole or not at all. made: one line. */
int manifest_write(const char *tree, const char *made, const struct tree_progress *progress,
		   struct manifest_head *ret, struct err *err);
/*
 * Walks the tree again and compares: 0, or 1 where it differs; each difference is told as a line on `to`, the first
 * MANIFEST_TOLD of them. -ENOENT: it has no manifest.
 */
#define MANIFEST_TOLD 20
int manifest_verify(const char *tree, const struct tree_progress *progress, FILE *to,
		    struct err *err);

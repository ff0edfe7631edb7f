/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where trees of one's own lie, and which of them may be used: a directory of root's (or of whoever runs us), with no
 * part of its path that anybody else can write, nor a symbolic link in it, so that nobody else chooses what programs see.
 * A tree is named NAME, a directory of the trees' directory, or by its absolute path.  Beside it may lie its manifest.
 *
 * Whoever uses a tree holds a shared lock on its directory; whoever replaces or removes it needs that lock alone.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define PLACE_NAME_BYTES 64
#define PLACE_MANIFEST ".manifest"    /* NAME.manifest lies beside the directory NAME */
#define PLACE_PART ".part"	      /* NAME.part: a tree in the making */
#define PLACE_DIGEST_HEX (2 * 32 + 1) /* BLAKE2b-256, as hexadecimal digits */

struct tree_place {
	char path[PATH_MAX]; /* of the directory; "": none was opened */
	int fd;		     /* owned: the directory, and the lock */
	uint64_t dev, ino;
	char digest[PLACE_DIGEST_HEX]; /* its manifest's; "" where it has none */
};

#define TREE_PLACE_INIT \
	{ \
		.path = "", .fd = -1 \
	}

/* 1 to 63 of a-z 0-9 . _ -, the first of them a letter or a digit, the end none of ours; not "host". */
bool place_name_ok(const char *name);
/* NAME's directory below trees_dir, or the word itself where it is a path. -EINVAL: neither. */
int place_path(const char *trees_dir, const char *word, char ret[static PATH_MAX], struct err *err);
/* Nobody but root and we can write the directory, or anything that leads to it. Returns an O_PATH descriptor. */
int place_check(const char *path, struct err *err);
/* Makes the trees' directory where there is none; its parents must be there, but for the last. */
int place_make_dir(const char *trees_dir, struct err *err);
/* Checks, locks and opens it, and reads its manifest's digest. -EBUSY: it is being replaced. */
int place_open(const char *trees_dir, const char *word, struct tree_place *ret, struct err *err);
void place_done(struct tree_place *p);
/* Whether a program, an absolute path, is in the tree; links are followed in it alone. */
bool place_has(const struct tree_place *p, const char *program);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree in the making: TREES/NAME.part, root's alone, with the tree itself in its directory `root`.  It becomes TREES/NAME
 * by one rename when it is whole, has its manifest, and that is on disk.  Stages that are done leave a mark; who starts
 * again with the same aim goes on behind them, with another aim from the beginning.
 *
 *   make_begin → whatever fills make.root, with make_done() and make_mark() around its stages → make_finish
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tree/manifest.h"

struct tree_make {
	char trees[PATH_MAX], name[PLACE_NAME_BYTES];
	char part[PATH_MAX], root[PATH_MAX];
	int lock_fd;  /* owned: on part */
	bool again;   /* something was done before, with the same aim */
	bool replace; /* a tree of that name gives way to it */
};

/*
 * aim: what it is made of, in any words. replace: where there is such a tree already, it has its name until this one is whole,
 * and whoever uses it keeps it for as long as he does; else that is -EEXIST. -EBUSY: somebody else makes it.
 */
int make_begin(struct tree_make *m, const char *trees_dir, const char *name, const char *aim,
	       bool replace, struct err *err);
bool make_done(const struct tree_make *m, const char *stage);
int make_mark(const struct tree_make *m, const char *stage, struct err *err);
/* Empties make.root, for a stage that was not ended. */
int make_clear(const struct tree_make *m, struct err *err);
/*
 * Owners, modes, devices, what names the host: put right; then the manifest; then the rename. made: one line.
 */
int make_finish(struct tree_make *m, const char *made, const struct tree_progress *progress,
		struct manifest_head *ret, struct err *err);
/* What is done stays for the next try. */
void make_end(struct tree_make *m);

/* The tree and its manifest, or what was left of making it. -EBUSY: it is in use. -ENOENT: there is none. */
int make_remove(const char *trees_dir, const char *name, struct err *err);

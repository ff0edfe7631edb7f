/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The read-only root that boxes see.  Tree `host`: the host's language runtimes, bound read-only, and
 * a synthetic /etc and /dev; nothing else of the host.  A tree of one's own: a directory, seen through an
 * overlay of each lane's own, so that no two lanes, and nobody on the host, share an inode or a lock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define TREE_STAGE \
	"/run/kodewar/root" /* an empty directory of ours; mounted over in private only */

/* In the tree: an empty script where a zygote's own mount namespace has the real one. */
#define ZYGOTE_DIR "/etc/kodewar"

/* A tree of one's own: the directory, and which one it was when it was checked. path NULL: `host`. */
struct tree_source {
	const char *path;
	uint64_t dev, ino;
	int fd; /* the warden's: the directory, wherever it may have been moved to since; tree_open() */
	/*
	 * Of `host`: what languages ask for beyond the usual directories; absolute paths, PATH of the host as itself or
	 * HOST:BOX, NULL-terminated or NULL.  What the host does not have, or the tree has anyway, is left out.
	 */
	const char *const *more;
};

/* By the warden, in the mount namespace that its lanes are made from: opens the directory and looks whether it is the one. */
int tree_open(struct tree_source *source, struct err *err);
/* Before a lane's own mount namespace is made: the directory is then where we stand, and comes along. */
int tree_stand(const struct tree_source *source, struct err *err);

/*
 * In a private mount namespace, standing in a tree of one's own: builds the root on TREE_STAGE and pivots into it. The caller must hold
 * every descriptor it still needs.  Rootless: on any directory; devices are the host's, bound; /proc is one of
 * our pid namespace, without which nobody could mount one for a box.
 */
int tree_enter(const struct tree_source *source, uint32_t layers_off, bool rootless,
	       struct err *err);

/* Whether boxes see it anyway: it lies in one of the directories that tree `host` has. */
bool tree_has(const char *path);

/* Whole-disk device behind the tree, for disk I/O limits; 0:0 when it has none (overlay, tmpfs). */
void tree_device(const struct tree_source *source, unsigned *ret_major, unsigned *ret_minor);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The read-only root that boxes see.  Tree `host`: the host's language runtimes, bound read-only, and
 * a synthetic /etc and /dev; nothing else of the host.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

#define TREE_STAGE \
	"/run/kodewar/root" /* an empty directory of ours; mounted over in private only */

/* In the tree: an empty script where a zygote's own mount namespace has the real one. */
#define ZYGOTE_DIR "/etc/kodewar"

/*
 * In a private mount namespace: builds the root on TREE_STAGE and pivots into it. The caller must hold
 * every descriptor it still needs.
 */
int tree_enter(uint32_t layers_off, struct err *err);

/* Whole-disk device behind the tree, for disk I/O limits; 0:0 when it has none (overlay, tmpfs). */
void tree_device(unsigned *ret_major, unsigned *ret_minor);

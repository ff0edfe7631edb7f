/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities by raw system calls; no malloc: runs between clone and exec. 0 or a negative errno. */
#pragma once

#include <stddef.h>

/* Bounding set, ambient set, then effective, permitted and inheritable: all empty afterwards. */
int caps_drop_all(void);
/* The same but for the bounding set. */
int caps_drop_sets(void);
/* securebits: no capability ever comes back by uid 0 or exec, all locked. Needs CAP_SETPCAP. */
int caps_lock_securebits(void);
/* Leaves only these in the bounding set: what an exec can still give. Needs CAP_SETPCAP. */
int caps_bound(const int *keep, size_t n);

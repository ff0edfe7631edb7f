/* SPDX-License-Identifier: Apache-2.0 */
/* Brings what was unpacked into the one shape that trees have; see settle.c. Nobody else may be writing there. */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* Everything is root's (or ours), nothing is writable by others, no device, no set-user-id, nothing of the host. */
int settle_tree(const char *root, uint64_t *ret_bytes, struct err *err);
/* The directory and all below it; 0 also where there is none. */
int settle_remove(const char *path, struct err *err);

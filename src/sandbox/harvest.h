/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a box's program made, opened as something that a hostile program left: beneath /box, no links, a plain file with one name.
 * To be called by the last process of a box.
 *
 * Several files go out as one stream, in the order of their names: a head for each, and behind it what it holds.
 */
#pragma once

#include <stdint.h>

#include "model/taken.h"

struct harvest_head {
	uint64_t bytes; /* that follow; 0 where it was not taken */
	uint32_t state; /* enum taken */
	uint32_t reserved;
};

/*
 * 0 with *ret_state, and *ret_fd and *ret_bytes where that is TAKEN_WHOLE; or a negative errno, the host's failure.
 */
int harvest_open(int box_dirfd, const char *path, uint64_t max_bytes, int *ret_fd,
		 enum taken *ret_state, uint64_t *ret_bytes);
/*
 * The next file of several, of which *left_bytes may be taken: its head, and its descriptor, or -1. 0 or a negative errno.
 */
int harvest_next(int box_dirfd, const char *path, uint64_t *left_bytes, struct harvest_head *ret,
		 int *ret_fd);

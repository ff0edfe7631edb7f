/* SPDX-License-Identifier: Apache-2.0 */
/* What a compile step made, opened as something that a hostile program left: beneath /box, no links, a plain file with one name. */
#pragma once

#include <stdint.h>

/*
 * To be called by the last process of a box. 0 with *ret_artefact as in facts.h, and *ret_fd where that is 1; or a negative errno,
 * the host's failure.
 */
int harvest_open(int box_dirfd, const char *name, uint64_t max_bytes, int *ret_fd,
		 uint8_t *ret_artefact);

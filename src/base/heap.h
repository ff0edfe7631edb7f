/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that a crowd has used and freed, given back to the kernel: it lies between what others use, where free() alone
 * leaves it.  Asked now and then, it sees also a crowd that came and went since it was asked last.
 */
#pragma once

#include <stddef.h>

struct heap_watch {
	int statm_fd; /* owned; negative: there is no /proc */
	size_t spare_bytes;
};

#define HEAP_WATCH_INIT \
	{ \
		.statm_fd = -1 \
	}

void heap_watch_start(struct heap_watch *w);
void heap_watch_done(struct heap_watch *w);

/* Where so much more is resident beyond what is in use than when it was given back last. */
void heap_give_back(struct heap_watch *w, size_t at_least_bytes);

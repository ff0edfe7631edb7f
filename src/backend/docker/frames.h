/* SPDX-License-Identifier: Apache-2.0 */
/* The runner's messages (sandbox/runner/container/inbox.h) out of a stream of bytes that comes in any pieces. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sandbox/runner/container/inbox.h"

#define FRAMES_SMALL_BYTES 256 /* more than any message but output has */

struct frames {
	struct inbox_head head;
	size_t head_len, body_len;
	char body[FRAMES_SMALL_BYTES];
	/* Output and artefacts in the pieces in which they come; all others whole. */
	void (*on_message)(void *user, uint32_t kind, const void *data, size_t len);
	void *user;
};

/* 0, or -EPROTO where that was no runner of ours: nothing more may be fed then. */
int frames_feed(struct frames *f, const char *data, size_t len);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to one of our own descriptors without ever blocking the loop and without O_NONBLOCK, which
 * would change the terminal or pipe for everyone who shares it.  At most `max` bytes wait; what comes
 * beyond is counted in `dropped_bytes`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"

struct outlet {
	sd_event *loop; /* borrowed */
	sd_event_source *source;
	int fd;	    /* borrowed */
	char *data; /* owned: [at, len) waits */
	size_t at, len, room, max;
	uint64_t dropped_bytes;
	int error; /* negative errno once nobody can take our bytes, -EPIPE above all */
	void (*on_change)(void *user); /* drained, or broken */
	void *user;
};

/* 0 or a negative errno. */
int outlet_init(struct outlet *o, sd_event *loop, int fd, size_t max, void (*on_change)(void *user),
		void *user);
void outlet_done(struct outlet *o);
void outlet_put(struct outlet *o, const char *data, size_t len);
/* Nothing waits, or nothing can be written any more. */
bool outlet_drained(const struct outlet *o);

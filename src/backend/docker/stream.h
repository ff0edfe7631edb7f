/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An upgraded connection to the engine: the attach of one container, its stdin and the frames of its output.
 *
 * Callbacks come from the loop.  stream_free() may not be called from within one of them.
 */
#pragma once

#include "backend/docker/http.h"

struct stream;

struct stream_events {
	void (*on_open)(void *user);
	/* stream: 1 stdout, 2 stderr of the container, unframed, in pieces as they come */
	void (*on_data)(void *user, int stream, const char *data, size_t len);
	void (*on_room)(void *user);				/* all that was written is gone */
	void (*on_end)(void *user, int error, const char *why); /* once; 0: the engine ended it */
};

/* NULL when out of memory. */
struct stream *stream_new(struct http *h, const char *path, const struct stream_events *events,
			  void *user);
void stream_free(struct stream *s);
/* Copied and sent as the engine takes it. 0 or -ENOMEM. */
int stream_write(struct stream *s, const void *data, size_t len);

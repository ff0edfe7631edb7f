/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that got their last words and are to be closed.  Closed at once, a socket with unread bytes answers with a
 * reset, and the client never reads the words; so they are read empty for a short while.  A bounded number of them: the
 * oldest goes when there are more.
 */
#pragma once

#include "base/loop.h"

struct http_linger;

int http_linger_new(sd_event *loop, struct http_linger **ret);
void http_linger_free(struct http_linger *l);
/* Takes fd over, non-blocking and shut down for writing. */
void http_linger_add(struct http_linger *l, int fd);

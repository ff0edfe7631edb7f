/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See frames.h.  The runner is ours, but what reaches us went through an engine and an image of somebody's: each kind
 * has its one size, and the first message must be a hello with our magic.
 */
#include "backend/docker/frames.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool is_stream(uint32_t kind)
{
	return kind == INBOX_STDOUT || kind == INBOX_STDERR || kind == INBOX_ARTEFACT ||
	       kind == INBOX_FILES;
}

static bool size_is_right(const struct inbox_head *h)
{
	switch (h->kind) {
	case INBOX_HELLO: return h->bytes == sizeof(struct inbox_hello);
	case INBOX_STARTED:
	case INBOX_STDOUT_END: return h->bytes == 0;
	case INBOX_STDOUT:
	case INBOX_STDERR:
	case INBOX_ARTEFACT:
	case INBOX_FILES: return h->bytes > 0 && h->bytes <= INBOX_CHUNK_BYTES;
	case INBOX_END: return h->bytes == sizeof(struct inbox_end);
	case INBOX_FAILED: return h->bytes == sizeof(struct inbox_failed);
	default: return false;
	}
}

/* Bytes of `data` that belong to the message's head. */
static size_t take_head(struct frames *f, const char *data, size_t len)
{
	size_t want = sizeof(f->head) - f->head_len, n = len < want ? len : want;

	memcpy((char *)&f->head + f->head_len, data, n);
	f->head_len += n;
	f->body_len = 0;
	return n;
}

static size_t take_body(struct frames *f, const char *data, size_t len)
{
	size_t want = f->head.bytes - f->body_len, n = len < want ? len : want;

	if (is_stream(f->head.kind))
		f->on_message(f->user, f->head.kind, data, n);
	else
		memcpy(f->body + f->body_len, data, n);
	f->body_len += n;
	return n;
}

int frames_feed(struct frames *f, const char *data, size_t len)
{
	_Static_assert(sizeof(struct inbox_end) <= FRAMES_SMALL_BYTES &&
			       sizeof(struct inbox_hello) <= FRAMES_SMALL_BYTES,
		       "a message does not fit");

	while (len > 0) {
		size_t n = f->head_len < sizeof(f->head) ? take_head(f, data, len)
							 : take_body(f, data, len);

		data += n;
		len -= n;
		if (f->head_len < sizeof(f->head))
			continue;
		if (!size_is_right(&f->head))
			return -EPROTO;
		if (f->body_len < f->head.bytes)
			continue;
		f->head_len = 0;
		if (!is_stream(f->head.kind))
			f->on_message(f->user, f->head.kind, f->body, f->head.bytes);
	}
	return 0;
}

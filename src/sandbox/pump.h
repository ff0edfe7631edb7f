/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One output stream of a box, read by the engine: keeps at most `keep_bytes`, counts all.  stdout keeps
 * its head; stderr keeps head and tail, with a line between them that says how much was left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "model/text.h"

struct pump {
	int fd; /* owned, non-blocking; -1 after end of file */
	sd_event_source *source;
	bool keep_tail;
	size_t keep_bytes;
	uint64_t total_bytes; /* all that was written */
	char *head, *tail;    /* owned; tail is a ring of tail_size */
	size_t head_len, head_size, tail_size;
	uint64_t kill_bytes; /* more than this many bytes in all: on_flood */
	bool flooded;
	void (*on_data)(void *user, const char *data,
			size_t len); /* of what is kept in order; may be NULL */
	void (*on_flood)(void *user);
	void (*on_eof)(void *user);
	void *user;
};

/* Takes fd over, which does not block. The callbacks and user are set by the caller before. 0 or a negative errno. */
int pump_start(struct pump *p, sd_event *loop, int fd);
/* What is there already, its end among it, without a turn of the loop: on_eof may be called. */
void pump_drain(struct pump *p);
/* Without a descriptor, for what comes another way: fd stays -1, and on_eof is the caller's to know. */
void pump_open(struct pump *p);
void pump_feed(struct pump *p, const char *data, size_t len);
void pump_done(struct pump *p);
/* Kept bytes as one text, in p's own memory, and whether something is missing. */
int pump_text(struct pump *p, struct text *ret, bool *ret_truncated);

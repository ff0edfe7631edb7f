/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program and its interactor say to each other.  Each has a stdin of its own, a pipe that we write; what the backend
 * hands us of its output goes to the other.  Knows neither boxes nor verdicts.  Private to the engine.
 *
 * Memory is bounded by whoever makes the boxes: nobody is heard beyond its output_bytes.
 */
#pragma once

#include <stdbool.h>

#include "base/loop.h"
#include "sandbox/pump.h"

enum talk_side { TALK_PROGRAM, TALK_INTERACTOR, TALK_SIDES };

/* Into one side's stdin. */
struct talk_way {
	int fd;		       /* owned: where we write; -1: closed */
	int theirs;	       /* owned: where it reads, until an order has taken it; or -1 */
	sd_event_source *room; /* owned */
	char *data;	       /* owned: what the pipe had no room for */
	size_t at, len, size;
	bool over; /* nothing more will be said: closed when all is written */
};

struct talk {
	sd_event *loop; /* borrowed */
	struct talk_way into[TALK_SIDES];
	struct pump transcript;
	bool kept, in_line;
	int last; /* enum talk_side, or -1: nobody has written yet */
	uint64_t last_nsec;
};

/* Done and zeroed talks may be done again. 0 or a negative errno, and then nothing is to be undone. */
int talk_init(struct talk *t, sd_event *loop, size_t transcript_bytes);
void talk_done(struct talk *t);
/* The stdin of one side, for its order: owned by the caller. */
int talk_take_stdin(struct talk *t, enum talk_side side);
/* That side wrote. 0 or -ENOMEM. */
int talk_said(struct talk *t, enum talk_side by, const char *data, size_t len);
/* The other side will say nothing more: `to` reads what is on its way, then the end. */
void talk_over(struct talk *t, enum talk_side to);
uint64_t talk_silent_usec(const struct talk *t);
/* In memory of the talk; empty where none is kept. */
struct text talk_transcript(struct talk *t);

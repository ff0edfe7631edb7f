/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every box needs of the engine, whatever its order says: an ended stdin and two output pipes.  Made when there is
 * nothing else to do, so that an order need not wait for it; each is used by one box, or by none.
 */
#pragma once

/* Owned; negative where none is there. */
struct native_spare {
	int ended; /* the reading end of a pipe that nobody can write to */
	/* Of each the end that we read, not blocking, and the end that the box writes. */
	int pipes[2][2];
};

void native_spare_init(struct native_spare *s);
/* What is missing. Where that fails, it is missing still, and the order that needs it tells. */
void native_spare_fill(struct native_spare *s);
/* A descriptor, which is the caller's; a negative errno where there was none and none can be made. */
int native_spare_ended(struct native_spare *s);
/* Both ends of an output pipe, the same. 0 or a negative errno. */
int native_spare_pipe(struct native_spare *s, int ret[2]);
void native_spare_close(struct native_spare *s);

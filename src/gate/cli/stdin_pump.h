/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our stdin (a terminal, a pipe, a file) to the program's, which is always a pipe of its own: a program
 * never holds a descriptor that somebody else has as well, and least of all the terminal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"

#define STDIN_PUMP_BYTES 65536

/* Zeroed and with to = -1 before its start. */
struct stdin_pump {
	sd_event_source *in, *out; /* in: NULL where epoll does not know the file */
	int from;		   /* borrowed */
	int to;			   /* owned: write end, -1 once closed */
	size_t at, len;
	char data[STDIN_PUMP_BYTES];
};

/* Returns the read end, which is the caller's, or a negative errno. */
int stdin_pump_start(struct stdin_pump *p, sd_event *loop, int from);
void stdin_pump_done(struct stdin_pump *p);

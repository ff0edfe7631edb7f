/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree as lines, one for each thing in it, in the one order and spelling that manifest.h describes.  What no tree may
 * hold is a line as well, so that it differs from any that a manifest has: "x PATH" (a device, a socket …), "o UID PATH"
 * (another owner), "w MODE PATH" (others can write it, or it has a set-user-id bit).
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* How many and how much, so far. */
struct walk_count {
	uint64_t files, bytes;
};

/* line: terminated, without a newline. Anything but 0 ends the walk and is what it returns. */
typedef int walk_line(void *user, const char *line, const struct walk_count *so_far,
		      struct err *err);

/* Reads every file. 0, or what line() said, or a negative errno. */
int walk_tree(const char *path, walk_line *line, void *user, struct err *err);
/* The path of a line: behind its last blank. */
const char *walk_path(const char *line);
/* <0, 0, >0: which of two spelled paths the walk comes to first. */
int walk_compare(const char *a, const char *b);

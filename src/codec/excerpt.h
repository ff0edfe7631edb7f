/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A piece of output as people can read it, whatever it holds: on one line, what cannot be seen made visible.  A space
 * is shown as U+00B7, everything else invisible as an escape: \n \t \r \\ \x1b (a byte) \u{200b} (a character).
 */
#pragma once

#include <stdbool.h>

#include "model/compare.h"

#define EXCERPT_BYTES 1024 /* room for any excerpt of compare.c */

/* ascii: for a terminal; spaces stay spaces, and whatever is not printable ASCII is escaped byte by byte. */
size_t excerpt_show(const struct excerpt *e, bool ascii, char *text, size_t size);

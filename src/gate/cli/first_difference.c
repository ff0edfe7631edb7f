/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See first_difference.h.  Output is a stranger's bytes on its way to a terminal: what has no ink is
 * escaped, so that no test can move the cursor or colour the screen.
 */
#include "gate/cli/first_difference.h"

#include <stdio.h>
#include <string.h>

#include "gate/cli/said.h"

static void show(const struct excerpt *e, char text[EXCERPT_BYTES])
{
	size_t n = 0;

	if (!e->there) {
		snprintf(text, EXCERPT_BYTES, "nothing more");
		return;
	}
	text[n++] = '"';
	n += said_excerpt(e, text + n, EXCERPT_BYTES - 2);
	snprintf(text + n, EXCERPT_BYTES - n, "\"");
}

size_t first_difference(const struct difference *d, char *text, size_t size)
{
	char expected[EXCERPT_BYTES], actual[EXCERPT_BYTES], file[EXCERPT_BYTES] = "";
	const char *path = d->file ? d->file : "";
	const struct excerpt name = { .text = { path, strlen(path) }, .there = true };
	size_t n;

	show(&d->expected, expected);
	show(&d->actual, actual);
	if (d->file)
		said_excerpt(&name, file, sizeof(file));
	n = (size_t)snprintf(text, size, "%s%sline %zu, column %zu: expected %s, got %s", file,
			     d->file ? ", " : "", d->line, d->column, expected, actual);
	return n < size ? n : size - 1;
}

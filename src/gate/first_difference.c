/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See first_difference.h.  Output is a stranger's bytes on its way to a terminal: everything but
 * printable ASCII is escaped, so that no test can move the cursor or colour the screen.
 */
#include "gate/first_difference.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_BYTES 40 /* of each line */

static bool take_line(struct text *from, struct text *ret)
{
	const char *end;

	*ret = (struct text){ from->data, 0 };
	if (from->len == 0)
		return false;
	end = memchr(from->data, '\n', from->len);
	ret->len = end ? (size_t)(end - from->data) : from->len;
	from->data += ret->len + (end ? 1 : 0);
	from->len -= ret->len + (end ? 1 : 0);
	return true;
}

static struct text trim_end(struct text t)
{
	while (t.len > 0 && strchr(" \t\r\n\v\f", t.data[t.len - 1]) && t.data[t.len - 1])
		t.len--;
	return t;
}

static bool same(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.data, b.data, a.len));
}

static const char *show(struct text line, bool there, char text[4 * SHOWN_BYTES + 8])
{
	char *at = text;

	if (!there)
		return "nothing more";
	*at++ = '"';
	for (size_t i = 0; i < line.len && i < SHOWN_BYTES; i++) {
		unsigned char c = (unsigned char)line.data[i];

		if (c >= 0x20 && c < 0x7f)
			*at++ = (char)c;
		else
			at += sprintf(at, "\\x%02x", c);
	}
	strcpy(at, line.len > SHOWN_BYTES ? "\"..." : "\"");
	return text;
}

static bool find(struct text expected, struct text actual, bool trim, char *text, size_t size,
		 size_t *ret)
{
	char shown[2][4 * SHOWN_BYTES + 8];
	struct text e, a;

	if (trim) {
		expected = trim_end(expected);
		actual = trim_end(actual);
	}
	for (unsigned long line = 1;; line++) {
		bool more_e = take_line(&expected, &e), more_a = take_line(&actual, &a);

		if (!more_e && !more_a)
			return false;
		if (more_e == more_a && same(trim ? trim_end(e) : e, trim ? trim_end(a) : a))
			continue;
		*ret = (size_t)snprintf(text, size, "line %lu: expected %s, got %s", line,
					show(e, more_e, shown[0]), show(a, more_a, shown[1]));
		return true;
	}
}

size_t first_difference(struct text expected, struct text actual, char *text, size_t size)
{
	size_t n;

	if (!find(expected, actual, true, text, size, &n) &&
	    !find(expected, actual, false, text, size, &n))
		n = (size_t)snprintf(text, size, "differs only in newlines at its end");
	return n < size ? n : size - 1;
}

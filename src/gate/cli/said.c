/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See said.h.  A terminal of another encoding would take bytes of UTF-8 for control characters.  Excerpts escape; what is
 * not in quotes needs no escaped quotes.
 */
#include "gate/cli/said.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_BYTES 120u

/* As locale(7) has it: the first of these that is set. */
static bool reads_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < 3 && (!value || !*value); i++)
		value = getenv(names[i]);
	value = value ? strchr(value, '.') : NULL;
	return value &&
	       (strncasecmp(value, ".utf-8", 6) == 0 || strncasecmp(value, ".utf8", 5) == 0);
}

/* Excerpts for people who look for blanks have U+00B7 for a space, and that itself escaped. */
static void blanks_are_blanks(char *text)
{
	char *to = text;

	for (const char *c = text; *c; c++) {
		bool dot = c[0] == '\xc2' && c[1] == '\xb7';

		*to++ = dot ? ' ' : *c;
		c += dot;
	}
	*to = '\0';
}

size_t said_excerpt(const struct excerpt *e, char *text, size_t size)
{
	bool ascii = !reads_utf8();

	excerpt_show(e, ascii, text, size);
	if (!ascii)
		blanks_are_blanks(text);
	return strlen(text);
}

size_t said_words(struct text words, size_t most, char *text, size_t size)
{
	struct excerpt line = { .text = words };

	line.text.len = words.len < most ? words.len : most;
	line.cut_after = line.text.len < words.len;
	said_excerpt(&line, text, size);
	for (char *c = text; *c; c++) {
		if (c[0] == '\\' && c[1] == '\\')
			c++;
		else if (c[0] == '\\' && c[1] == '"')
			memmove(c, c + 1, strlen(c));
	}
	return strlen(text);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct text trimmed(struct text t)
{
	while (t.len > 0 && is_blank(t.data[t.len - 1]))
		t.len--;
	while (t.len > 0 && is_blank(t.data[0])) {
		t.data++;
		t.len--;
	}
	return t;
}

size_t said_last_line(struct text said, char *text, size_t size)
{
	struct text t = trimmed(said);
	const char *before = t.len ? memrchr(t.data, '\n', t.len) : NULL;

	if (before)
		t = trimmed((struct text){ before, (size_t)(t.data + t.len - before) });
	return said_words(t, LINE_BYTES, text, size);
}

static bool names_an_error(struct text line)
{
	for (size_t i = 0; i + 5 <= line.len; i++)
		if (strncasecmp(line.data + i, "error", 5) == 0)
			return true;
	return false;
}

size_t said_error_line(struct text said, char *text, size_t size)
{
	struct text rest = trimmed(said), first = { "", 0 };

	while (rest.len > 0) {
		const char *end = memchr(rest.data, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.data) : rest.len;
		struct text line = trimmed((struct text){ rest.data, len });

		if (first.len == 0)
			first = line;
		if (names_an_error(line))
			return said_words(line, LINE_BYTES, text, size);
		rest.data += len;
		rest.len -= len;
		if (rest.len > 0) {
			rest.data++;
			rest.len--;
		}
	}
	return said_words(first, LINE_BYTES, text, size);
}

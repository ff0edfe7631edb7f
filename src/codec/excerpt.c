/* SPDX-License-Identifier: Apache-2.0 */
/* See excerpt.h.  Characters are invisible that have no ink or move what stands beside them; marks and letters stay. */
#include "codec/excerpt.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/utf8.h"

#define PIECE_BYTES 16 /* of one character, escaped */

static const struct {
	uint32_t first, last;
} invisible[] = {
	{ 0x80, 0xa0 },	       { 0xad, 0xad },	   { 0xb7, 0xb7 },     { 0x34f, 0x34f },
	{ 0x61c, 0x61c },      { 0x115f, 0x1160 }, { 0x1680, 0x1680 }, { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },    { 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f },
	{ 0x2800, 0x2800 },    { 0x3000, 0x3000 }, { 0x3164, 0x3164 }, { 0xe000, 0xf8ff },
	{ 0xfe00, 0xfe0f },    { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
	{ 0xe0000, 0x10ffff },
};

static uint32_t code_point(const char *s, size_t len)
{
	uint32_t c = (unsigned char)s[0] & (len == 1 ? 0x7fu : 0xffu >> (len + 1));

	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3fu);
	return c;
}

static bool is_invisible(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_SIZE(invisible); i++)
		if (c >= invisible[i].first && c <= invisible[i].last)
			return true;
	return false;
}

static int put_ascii(char *to, unsigned char c, bool ascii)
{
	static const char named[] = "\n\t\r\\\"", names[] = "ntr\\\"";
	const char *at = c ? strchr(named, c) : NULL;

	if (at)
		return sprintf(to, "\\%c", names[at - named]);
	if (c == ' ' && !ascii)
		return sprintf(to, "\xc2\xb7");
	if (c >= 0x20 && c < 0x7f)
		return sprintf(to, "%c", c);
	return sprintf(to, "\\x%02x", c);
}

/* One character; returns how many bytes were taken. */
static size_t put_character(char *to, const char *from, size_t len, bool ascii)
{
	bool valid;
	size_t n = utf8_step(from, len, &valid);

	if (n == 1 || !valid || ascii) {
		put_ascii(to, (unsigned char)*from, ascii);
		return 1;
	}
	if (is_invisible(code_point(from, n)))
		sprintf(to, "\\u{%x}", code_point(from, n));
	else
		sprintf(to, "%.*s", (int)n, from);
	return n;
}

size_t excerpt_show(const struct excerpt *e, bool ascii, char *text, size_t size)
{
	const char *cut = ascii ? "..." : "\xe2\x80\xa6";
	size_t used = 0, i = 0;
	char piece[PIECE_BYTES];

	text[0] = '\0';
	if (e->cut_before)
		used += (size_t)snprintf(text, size, "%s", cut);
	while (i < e->text.len) {
		i += put_character(piece, e->text.data + i, e->text.len - i, ascii);
		if (used + strlen(piece) + PIECE_BYTES > size)
			break;
		used += (size_t)snprintf(text + used, size - used, "%s", piece);
	}
	if (e->cut_after || i < e->text.len)
		used += (size_t)snprintf(text + used, size - used, "%s", cut);
	return used;
}

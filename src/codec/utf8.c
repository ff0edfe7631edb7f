/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lead byte says how many bytes follow and, for four of them, narrows the range of the first one:
 * that alone rules out overlong forms, surrogates and numbers above U+10FFFF.  A sequence that
 * breaks off is invalid up to the byte that does not fit, which is looked at again as a lead byte.
 */
#include "codec/utf8.h"

#include <stdint.h>

struct lead {
	unsigned follow;   /* bytes after the lead */
	uint8_t low, high; /* range of the first of them */
};

static struct lead lead_of(uint8_t c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead){ 1, 0x80, 0xbf };
	if (c == 0xe0)
		return (struct lead){ 2, 0xa0, 0xbf };
	if (c == 0xed)
		return (struct lead){ 2, 0x80, 0x9f };
	if (c >= 0xe1 && c <= 0xef)
		return (struct lead){ 2, 0x80, 0xbf };
	if (c == 0xf0)
		return (struct lead){ 3, 0x90, 0xbf };
	if (c >= 0xf1 && c <= 0xf3)
		return (struct lead){ 3, 0x80, 0xbf };
	if (c == 0xf4)
		return (struct lead){ 3, 0x80, 0x8f };
	return (struct lead){ 0, 0, 0 };
}

size_t utf8_step(const char *s, size_t len, bool *ret_valid)
{
	const uint8_t *p = (const uint8_t *)s;
	struct lead lead;
	size_t n;

	*ret_valid = true;
	if (p[0] < 0x80)
		return 1;
	*ret_valid = false;
	lead = lead_of(p[0]);
	if (!lead.follow)
		return 1;
	for (n = 1; n <= lead.follow; n++) {
		if (n == len || p[n] < lead.low || p[n] > lead.high)
			return n;
		lead.low = 0x80;
		lead.high = 0xbf;
	}
	*ret_valid = true;
	return n;
}

bool utf8_valid(const char *s, size_t len)
{
	bool valid = true;

	for (size_t i = 0; i < len && valid;)
		i += utf8_step(s + i, len - i, &valid);
	return valid;
}

size_t utf8_whole_len(const char *s, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		const char *start = s + len - back;
		bool valid;

		if (((uint8_t)*start & 0xc0) == 0x80)
			continue;
		/* Cut off: a lead with everything there fitting, and more to come. */
		if (lead_of((uint8_t)*start).follow >= back &&
		    utf8_step(start, back, &valid) == back && !valid)
			return len - back;
		return len;
	}
	return len;
}

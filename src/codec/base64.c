/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three bytes are four characters of six bits.  Only one text stands for given bytes: the bits that
 * padding leaves over must be 0, so that what was sent and what is read can never differ.
 */
#include "codec/base64.h"

#include <errno.h>
#include <stdint.h>

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

void base64_encode(const void *data, size_t len, char *ret)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = (uint32_t)p[i] << 16;

		if (left > 1)
			bits |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			bits |= p[i + 2];
		*ret++ = alphabet[bits >> 18];
		*ret++ = alphabet[bits >> 12 & 63];
		*ret++ = left > 1 ? alphabet[bits >> 6 & 63] : '=';
		*ret++ = left > 2 ? alphabet[bits & 63] : '=';
	}
}

/* One group of four, the last `pad` of them '='. */
static int decode_group(const char *text, unsigned pad, uint8_t *out)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < 4; i++) {
		int v = i < 4 - pad ? value_of(text[i]) : 0;

		if (v < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)v;
	}
	if (pad && (bits & (pad == 1 ? 0xffu : 0xffffu)))
		return -EINVAL;
	out[0] = (uint8_t)(bits >> 16);
	if (pad < 2)
		out[1] = (uint8_t)(bits >> 8);
	if (pad < 1)
		out[2] = (uint8_t)bits;
	return 0;
}

ssize_t base64_decode(const char *text, size_t len, void *ret)
{
	uint8_t *out = ret;
	size_t n = 0;

	if (len % 4)
		return -EINVAL;
	for (size_t i = 0; i < len; i += 4) {
		unsigned pad = 0;

		if (i + 4 == len && text[i + 3] == '=')
			pad = text[i + 2] == '=' ? 2 : 1;
		if (decode_group(text + i, pad, out + n) < 0)
			return -EINVAL;
		n += 3 - pad;
	}
	return (ssize_t)n;
}

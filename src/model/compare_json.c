/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See compare_json.h.  Token by token: since the expected text is JSON, a text that has equal tokens is JSON of an equal value.
 * Integers are compared as they are written, other numbers within the tolerance; strings by their characters.
 */
#include "model/compare_json.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_BYTES 400

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_mark(char c)
{
	return c && strchr("[]{},:", c);
}

/* Up to behind the quote that closes it, or the end. */
static size_t string_len(struct text t)
{
	size_t n = 1;

	while (n < t.len && t.data[n] != '"')
		n += t.data[n] == '\\' && n + 1 < t.len ? 2 : 1;
	return n < t.len ? n + 1 : t.len;
}

static bool next_token(struct text *rest, struct text *ret)
{
	size_t n = 0;

	while (rest->len > 0 && is_space(*rest->data)) {
		rest->data++;
		rest->len--;
	}
	*ret = (struct text){ rest->data, 0 };
	if (rest->len == 0)
		return false;
	if (*rest->data == '"')
		n = string_len(*rest);
	else if (is_mark(*rest->data))
		n = 1;
	else
		while (n < rest->len && !is_space(rest->data[n]) && !is_mark(rest->data[n]) &&
		       rest->data[n] != '"')
			n++;
	ret->len = n;
	rest->data += n;
	rest->len -= n;
	return true;
}

static bool same(struct text a, struct text b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* ---- strings ---- */

/* Four digits; -1: they are none. */
static long hex4(struct text t)
{
	long value = 0;

	if (t.len < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		char c = t.data[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

static size_t put_utf8(char to[4], uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* A \u escape, or two that are one character; returns how much of `t` it took, 0 where it is none. */
static size_t take_unicode(struct text t, char to[4], size_t *ret_n)
{
	long high = hex4((struct text){ t.data + 2, t.len - 2 }), low = -1;

	if (high < 0)
		return 0;
	if (high >= 0xd800 && high < 0xdc00 && t.len >= 12 && t.data[6] == '\\' && t.data[7] == 'u')
		low = hex4((struct text){ t.data + 8, t.len - 8 });
	if (low >= 0xdc00 && low < 0xe000) {
		*ret_n = put_utf8(to, (uint32_t)(0x10000 + ((high - 0xd800) << 10) + low - 0xdc00));
		return 12;
	}
	*ret_n = put_utf8(to, (uint32_t)high);
	return 6;
}

/* The next character of a string's inside, or a byte of one. Returns how much of `t` it took. */
static size_t take_character(struct text t, char to[4], size_t *ret_n)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *at;
	size_t took;

	*ret_n = 1;
	to[0] = t.data[0];
	if (t.data[0] != '\\' || t.len < 2)
		return 1;
	if (t.data[1] == 'u' && (took = take_unicode(t, to, ret_n)))
		return took;
	at = t.data[1] ? strchr(letters, t.data[1]) : NULL;
	if (at)
		to[0] = meant[at - letters];
	return at ? 2 : 1;
}

static bool is_string(struct text t)
{
	return t.len >= 2 && t.data[0] == '"' && t.data[t.len - 1] == '"';
}

static bool same_string(struct text a, struct text b)
{
	struct text ra = { a.data + 1, a.len - 2 }, rb = { b.data + 1, b.len - 2 };
	char ca[4], cb[4];
	size_t na = 0, nb = 0, ia = 0, ib = 0;

	for (;;) {
		if (ia == na && ra.len > 0) {
			size_t took = take_character(ra, ca, &na);

			ra = (struct text){ ra.data + took, ra.len - took };
			ia = 0;
		}
		if (ib == nb && rb.len > 0) {
			size_t took = take_character(rb, cb, &nb);

			rb = (struct text){ rb.data + took, rb.len - took };
			ib = 0;
		}
		if (ia == na || ib == nb)
			return ia == na && ib == nb;
		if (ca[ia++] != cb[ib++])
			return false;
	}
}

/* ---- numbers ---- */

static bool read_number(struct text t, double *ret, bool *ret_integer)
{
	char buf[NUMBER_BYTES], *end;

	if (t.len == 0 || t.len >= sizeof(buf))
		return false;
	memcpy(buf, t.data, t.len);
	buf[t.len] = '\0';
	if (strspn(buf, "0123456789+-.eE") != t.len)
		return false;
	*ret_integer = strspn(buf, "0123456789-") == t.len;
	errno = 0;
	*ret = strtod(buf, &end);
	return *end == '\0' && isfinite(*ret);
}

static bool same_number(const struct compare_spec *spec, struct text a, struct text b)
{
	bool ia, ib;
	double x, y;

	if (!read_number(a, &x, &ia) || !read_number(b, &y, &ib))
		return false;
	/* Beyond 2^53 two integers may be one double; -0 is 0. */
	if (ia && ib)
		return x == 0 && y == 0;
	return fabs(x - y) <= fmax(spec->abs, spec->rel * fabs(y));
}

bool compare_json(const struct compare_spec *spec, struct text actual, struct text expected,
		  struct text *ret_actual, struct text *ret_expected)
{
	for (;;) {
		bool more_a = next_token(&actual, ret_actual);
		bool more_b = next_token(&expected, ret_expected);

		if (!more_a || !more_b)
			return more_a == more_b;
		if (same(*ret_actual, *ret_expected))
			continue;
		if (is_string(*ret_actual) && is_string(*ret_expected)) {
			if (!same_string(*ret_actual, *ret_expected))
				return false;
		} else if (!same_number(spec, *ret_actual, *ret_expected)) {
			return false;
		}
	}
}

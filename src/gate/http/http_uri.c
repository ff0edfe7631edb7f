/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See http_uri.h.  Decoded once, here and nowhere else: whoever decodes twice, or lets a %00 end a string early,
 * matches another path than the one that a proxy in front has judged.
 */
#include "gate/http/http_uri.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "codec/utf8.h"

/* http://host/path, as clients of a proxy send it: the path is what counts, Host says the rest. */
static const char *skip_authority(const char *raw)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(schemes[i]);

		if (strncasecmp(raw, schemes[i], n) == 0) {
			raw += n;
			raw += strcspn(raw, "/?");
			return *raw == '/' ? raw : NULL;
		}
	}
	return raw;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes [raw, raw + len) to *to, which moves on behind its NUL. */
static bool decode(const char *raw, size_t len, bool plus, char **to)
{
	char *start = *to, *at = start;

	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)raw[i];

		if (c == '%') {
			int high = i + 2 < len ? hex_digit(raw[i + 1]) : -1;
			int low = i + 2 < len ? hex_digit(raw[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = high << 4 | low;
			i += 2;
			if (c == '/' && !plus)
				return false; /* a separator to us, and none to a proxy */
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if (c < 0x20 || c == 0x7f)
			return false;
		*at++ = (char)c;
	}
	*at = '\0';
	*to = at + 1;
	return utf8_valid(start, (size_t)(at - start));
}

static bool take_pair(const char *raw, size_t len, struct http_uri *u, char **to)
{
	const char *equals = memchr(raw, '=', len);
	size_t name = equals ? (size_t)(equals - raw) : len;

	if (u->npairs == HTTP_URI_PAIRS_MAX)
		return false;
	u->pairs[u->npairs].name = *to;
	if (!decode(raw, name, true, to))
		return false;
	u->pairs[u->npairs].value = *to;
	if (!decode(raw + name + (equals != NULL), len - name - (equals != NULL), true, to))
		return false;
	u->npairs++;
	return true;
}

static bool take_query(const char *raw, struct http_uri *u, char **to)
{
	while (*raw) {
		size_t len = strcspn(raw, "&");

		if (len > 0 && !take_pair(raw, len, u, to))
			return false;
		raw += len + (raw[len] == '&');
	}
	return true;
}

int http_uri_parse(const char *raw, struct http_uri *ret)
{
	struct http_uri u = { 0 };
	size_t path;
	char *to;

	raw = skip_authority(raw);
	if (!raw || (*raw != '/' && strcmp(raw, "*") != 0) || strchr(raw, '#'))
		return -EINVAL;
	/* a name without "=" gets an empty value of its own */
	u.data = to = malloc(strlen(raw) + HTTP_URI_PAIRS_MAX + 2);
	if (!u.data)
		return -ENOMEM;
	path = strcspn(raw, "?");
	u.path = to;
	if (!decode(raw, path, false, &to) || (raw[path] && !take_query(raw + path + 1, &u, &to))) {
		free(u.data);
		return -EINVAL;
	}
	*ret = u;
	return 0;
}

void http_uri_done(struct http_uri *u)
{
	free(u->data);
	*u = (struct http_uri){ 0 };
}

const char *http_uri_query(const struct http_uri *u, const char *name)
{
	for (size_t i = 0; i < u->npairs; i++)
		if (!strcmp(u->pairs[i].name, name))
			return u->pairs[i].value;
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See json_slices.h. */
#include "codec/json_slices.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "codec/utf8.h"

struct scanner {
	const char *at, *end;
};

static char skip_space(struct scanner *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at)
		s->at++;
	return s->at < s->end ? *s->at : '\0';
}

static bool take(struct scanner *s, char c)
{
	if (skip_space(s) != c || s->at == s->end)
		return false;
	s->at++;
	return true;
}

/* From its opening quote to behind its closing one. */
static bool skip_string(struct scanner *s)
{
	for (s->at++; s->at < s->end; s->at++) {
		if (*s->at == '\\')
			s->at++;
		else if (*s->at == '"') {
			s->at++;
			return true;
		}
	}
	return false;
}

/* From its opening brace to behind the one that closes it; which kinds of brackets match is the decoder's to say. */
static bool skip_object(struct scanner *s)
{
	size_t depth = 0;

	while (s->at < s->end) {
		char c = *s->at;

		if (c == '"') {
			if (!skip_string(s))
				return false;
			continue;
		}
		s->at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return true;
	}
	return false;
}

static int read_elements(struct scanner *s, const char *key, size_t max, struct text *slices,
			 size_t *ret_n, struct refusal *refusal)
{
	size_t n = 0;
	char field[64];

	do {
		const char *start;

		if (n == 0 && skip_space(s) == ']')
			return refusal_set(refusal, key, "must not be empty");
		snprintf(field, sizeof(field), "%s[%zu]", key, n);
		if (n == max)
			return refusal_set(refusal, key, "must have at most %zu elements", max);
		if (skip_space(s) != '{')
			return refusal_set(refusal, field, "must be an object");
		start = s->at;
		if (!skip_object(s))
			return refusal_set(refusal, "", "is not valid JSON: it ends too early");
		slices[n++] = (struct text){ start, (size_t)(s->at - start) };
	} while (take(s, ','));
	*ret_n = n;
	return take(s, ']') ? 0 : refusal_set(refusal, "", "is not valid JSON: ']' expected");
}

/* Named as it was written, where that is short and plain. */
static int refuse_other(struct refusal *refusal, const char *name, const char *end)
{
	size_t n = (size_t)(end - name);
	char field[65];

	for (size_t i = 0; i < n; i++)
		if (n >= sizeof(field) || name[i] < ' ' || name[i] > '~' || name[i] == '\\')
			return refusal_set(refusal, "body", "has an unknown field");
	snprintf(field, sizeof(field), "%.*s", (int)n, name);
	return refusal_set(refusal, n ? field : "body",
			   n ? "is not a known field" : "has an unknown field");
}

static int refuse_next(struct scanner *s, const char *key, struct refusal *refusal)
{
	const char *name;

	if (skip_space(s) != '"')
		return refusal_set(refusal, "", "is not valid JSON: a field's name expected");
	name = s->at + 1;
	if (!skip_string(s))
		return refusal_set(refusal, "", "is not valid JSON: it ends too early");
	if ((size_t)(s->at - 1 - name) == strlen(key) && !memcmp(name, key, strlen(key)))
		return refusal_set(refusal, key, "must be there once");
	return refuse_other(refusal, name, s->at - 1);
}

int json_slices_read(const char *body, size_t len, const char *key, size_t max, struct text *slices,
		     size_t *ret_n, struct refusal *refusal)
{
	struct scanner s = { body, body + len };
	size_t n = strlen(key);
	const char *name;
	int r;

	if (!utf8_valid(body, len))
		return refusal_set(refusal, "", "is not valid JSON: it is not UTF-8");
	if (!take(&s, '{'))
		return refusal_set(refusal, "", "must be an object");
	if (!skip_space(&s))
		return refusal_set(refusal, "", "is not valid JSON: it ends too early");
	if (*s.at != '"')
		return refusal_set(refusal, key, "is required");
	name = s.at + 1;
	if (!skip_string(&s))
		return refusal_set(refusal, "", "is not valid JSON: it ends too early");
	if ((size_t)(s.at - 1 - name) != n || memcmp(name, key, n) != 0)
		return refuse_other(refusal, name, s.at - 1);
	if (!take(&s, ':'))
		return refusal_set(refusal, "", "is not valid JSON: ':' expected");
	if (!take(&s, '['))
		return refusal_set(refusal, key, "must be an array");
	r = read_elements(&s, key, max, slices, ret_n, refusal);
	if (r)
		return r;
	if (take(&s, ','))
		return refuse_next(&s, key, refusal);
	if (!take(&s, '}') || skip_space(&s) || s.at < s.end)
		return refusal_set(refusal, "",
				   "is not valid JSON: it does not end with the object");
	return 0;
}

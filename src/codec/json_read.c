/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jansson checks grammar, UTF-8, doubled keys, depth and the range of numbers; what it says is
 * turned into a refusal.  Before it may allocate anything, values are counted, because a tree of
 * small numbers takes twenty times the memory of its text.  Then tables say which fields an object
 * may have, and one function per type looks at a value.
 */
#include "codec/json_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "codec/json_parse.h"
#include "codec/utf8.h"

#define KEY_SHOWN_BYTES 64
#define KEY_SHOWN_SIZE (KEY_SHOWN_BYTES + sizeof("..."))
#define PLACE_LEVELS 8 /* deeper than any field that a table knows */

/* The byte after the string whose inside starts at `i`; an even run of backslashes ends it. */
static size_t skip_string(const char *s, size_t len, size_t i)
{
	size_t start = i;

	while (i < len) {
		const char *quote = memchr(s + i, '"', len - i);
		size_t back = 0;

		if (!quote)
			return len;
		i = (size_t)(quote - s) + 1;
		while (i - 2 - back + 1 > start && s[i - 2 - back] == '\\')
			back++;
		if (back % 2 == 0)
			return i;
	}
	return len;
}

static bool too_many_values(const char *s, size_t len)
{
	size_t values = 1;

	for (size_t i = 0; i < len;) {
		char c = s[i++];

		if (c == '"')
			i = skip_string(s, len, i);
		else if ((c == ',' || c == '[' || c == '{') && ++values > JSON_READ_VALUES_MAX)
			return true;
	}
	return false;
}

/* It is somebody else's text, so it is cut short. */
static void show_key(char shown[KEY_SHOWN_SIZE], const char *key, size_t len)
{
	bool cut = len > KEY_SHOWN_BYTES;

	if (cut)
		len = utf8_whole_len(key, KEY_SHOWN_BYTES);
	snprintf(shown, KEY_SHOWN_SIZE, "%.*s%s", (int)len, key, cut ? "..." : "");
}

/* Where in a body a scan has come to; deeper than its levels nothing is kept. */
struct place {
	struct json_path at[PLACE_LEVELS];
	char keys[PLACE_LEVELS][KEY_SHOWN_SIZE];
	size_t depth;
};

static struct json_path *place_now(struct place *p)
{
	return p->depth > 0 && p->depth <= PLACE_LEVELS ? &p->at[p->depth - 1] : NULL;
}

static void place_step(struct place *p, char mark)
{
	struct json_path *now;

	if (mark == '{' || mark == '[') {
		p->depth++;
		now = place_now(p);
		if (now)
			*now = (struct json_path){ .up = p->depth > 1 ? now - 1 : NULL,
						   .name = mark == '{' ? p->keys[p->depth - 1]
								       : NULL };
	} else if (mark == ',') {
		now = place_now(p);
		if (now && !now->name)
			now->index++;
	} else if (mark != ':' && p->depth > 0) {
		p->depth--;
	}
}

/* The path of the key with which this beginning of a body ends, as it is written there; NULL: it is too deep. */
static const struct json_path *key_place(struct place *p, const char *s, size_t len)
{
	const struct json_path *now;
	char before = '\0';

	for (size_t i = 0; i < len;) {
		char c = s[i++];
		size_t start = i;

		if (c && strchr("{}[],:", c)) {
			place_step(p, c);
			before = c;
		}
		if (c != '"')
			continue;
		i = skip_string(s, len, i);
		now = place_now(p);
		if (now && now->name && i > start && (before == '{' || before == ','))
			show_key(p->keys[p->depth - 1], s + start, i - start - 1);
	}
	now = place_now(p);
	return now && now->name ? now : NULL;
}

/* jansson has read just up to behind the second of them. */
static int refuse_doubled(struct refusal *refusal, const char *body, size_t len,
			  const json_error_t *e)
{
	struct place place = { .depth = 0 };
	const struct json_path *at = NULL;

	if (e->position > 0 && (size_t)e->position <= len)
		at = key_place(&place, body, (size_t)e->position);
	if (at)
		return json_refuse(&(struct json_reader){ .refusal = refusal }, at,
				   "appears twice");
	return refusal_set(refusal, "", "has a key that appears twice (line %d, column %d)",
			   e->line, e->column);
}

static int refuse_body(struct refusal *refusal, const char *body, size_t len, const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_out_of_memory: return -ENOMEM;
	case json_error_duplicate_key: return refuse_doubled(refusal, body, len, e);
	case json_error_numeric_overflow:
		return refusal_set(refusal, "",
				   "has a number out of range: %s (line %d, column %d)", e->text,
				   e->line, e->column);
	default:
		return refusal_set(refusal, "", "is not valid JSON: %s (line %d, column %d)",
				   e->text, e->line, e->column);
	}
}

int json_read_body(const char *body, size_t len, struct refusal *refusal, json_t **ret)
{
	json_error_t e;
	json_t *root;

	if (too_many_values(body, len))
		return refusal_set(refusal, "", "has more than %d values", JSON_READ_VALUES_MAX);
	root = json_parse(len ? body : "", len,
			  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &e);
	if (!root)
		return refuse_body(refusal, body, len, &e);
	*ret = root;
	return 0;
}

/*
 * "test_cases[3].input"; silently cut where it does not fit. Returns the length so far. Names may
 * be somebody else's text, and this may end on a terminal: control characters become '?'.
 */
static size_t path_print(const struct json_path *at, char *text, size_t size)
{
	size_t n;
	int more;

	if (!at) {
		text[0] = '\0';
		return 0;
	}
	n = path_print(at->up, text, size);
	if (at->name)
		more = snprintf(text + n, size - n, "%s%s", n ? "." : "", at->name);
	else
		more = snprintf(text + n, size - n, "[%zu]", at->index);
	for (size_t i = n; i < size && text[i]; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	if (more < 0)
		return n;
	return n + (size_t)more < size ? n + (size_t)more : size - 1;
}

int json_refuse(struct json_reader *r, const struct json_path *at, const char *fmt, ...)
{
	char field[sizeof(r->refusal->field)], rule[sizeof(r->refusal->rule)];
	size_t len = path_print(at, field, sizeof(field));
	va_list ap;

	field[utf8_whole_len(field, len)] = '\0';
	va_start(ap, fmt);
	vsnprintf(rule, sizeof(rule), fmt, ap);
	va_end(ap);
	return refusal_set(r->refusal, field, "%s", rule);
}

int json_refuse_unknown(struct json_reader *r, const struct json_path *at, const char *key)
{
	char shown[KEY_SHOWN_SIZE];

	show_key(shown, key, strlen(key));
	return json_refuse(r, &(struct json_path){ .up = at, .name = shown },
			   "is not a known field");
}

static const struct json_field *field_find(const struct json_field *fields, size_t n,
					   const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

/* A misspelt name is told before the required one that it was meant to be. */
int json_read_object(struct json_reader *r, const struct json_path *at, const json_t *value,
		     const struct json_field *fields, size_t nfields, void *into)
{
	const char *key;
	json_t *member;

	if (!json_is_object(value))
		return json_refuse(r, at, "must be an object");
	json_object_foreach((json_t *)value, key, member)
		if (!field_find(fields, nfields, key))
			return json_refuse_unknown(r, at, key);
	for (size_t i = 0; i < nfields; i++) {
		struct json_path path = { .up = at, .name = fields[i].name };
		int rc;

		member = json_object_get(value, fields[i].name);
		if (!member && !fields[i].required)
			continue;
		if (!member)
			return json_refuse(r, &path, "is required");
		rc = fields[i].read(r, &path, member, into);
		if (rc)
			return rc;
	}
	return 0;
}

int json_read_array(struct json_reader *r, const struct json_path *at, const json_t *value,
		    size_t max, size_t size, json_read_fn *read, void *ret_array, size_t *ret_len)
{
	size_t n = json_array_size(value);
	char *array;

	if (!json_is_array(value))
		return json_refuse(r, at, "must be an array");
	if (n > max)
		return json_refuse(r, at, "must have at most %zu entries", max);
	array = arena_alloc_array(r->arena, n ? n : 1, size);
	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct json_path path = { .up = at, .index = i };
		int rc = read(r, &path, json_array_get(value, i), array + i * size);

		if (rc)
			return rc;
	}
	*(void **)ret_array = array;
	*ret_len = n;
	return 0;
}

int json_read_text(struct json_reader *r, const struct json_path *at, const json_t *value,
		   void *into)
{
	struct text *ret = into;
	size_t len = json_string_length(value);
	char *copy;

	if (!json_is_string(value))
		return json_refuse(r, at, "must be a string");
	copy = arena_alloc(r->arena, len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, json_string_value(value), len);
	copy[len] = '\0';
	*ret = (struct text){ copy, len };
	return 0;
}

int json_read_name(struct json_reader *r, const struct json_path *at, const json_t *value,
		   void *into)
{
	struct text text;
	int rc = json_read_text(r, at, value, &text);

	if (rc)
		return rc;
	if (memchr(text.data, '\0', text.len))
		return json_refuse(r, at, "must not hold NUL");
	*(const char **)into = text.data;
	return 0;
}

int json_read_bool(struct json_reader *r, const struct json_path *at, const json_t *value,
		   void *into)
{
	if (!json_is_boolean(value))
		return json_refuse(r, at, "must be true or false");
	*(bool *)into = json_is_true(value);
	return 0;
}

static int read_at_least(struct json_reader *r, const struct json_path *at, const json_t *value,
			 json_int_t min, uint64_t *into)
{
	if (!json_is_integer(value) || json_integer_value(value) < min)
		return json_refuse(r, at, "must be an integer of at least %lld", (long long)min);
	*into = (uint64_t)json_integer_value(value);
	return 0;
}

int json_read_count(struct json_reader *r, const struct json_path *at, const json_t *value,
		    void *into)
{
	return read_at_least(r, at, value, 1, into);
}

int json_read_uint(struct json_reader *r, const struct json_path *at, const json_t *value,
		   void *into)
{
	return read_at_least(r, at, value, 0, into);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jansson could dump JSON, but only from a tree that it has copied everything into, and it cannot
 * replace what is not UTF-8.  A result is written once, front to back: runs of plain bytes are
 * copied as they are, only what JSON or UTF-8 objects to is looked at byte by byte.
 */
#include "codec/json_write.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/utf8.h"

void json_write_init(struct json_writer *w, size_t max_bytes)
{
	*w = (struct json_writer){ .max_bytes = max_bytes };
}

void json_write_done(struct json_writer *w)
{
	free(w->data);
	json_write_init(w, w->max_bytes);
}

/* Room for `more` bytes at the end of the text, or NULL once anything failed. */
static char *reserve(struct json_writer *w, size_t more)
{
	size_t room = w->room ? w->room : 4096;
	char *data;

	if (w->error)
		return NULL;
	if (more > w->max_bytes || w->len > w->max_bytes - more) {
		w->error = -EFBIG;
		return NULL;
	}
	while (room < w->len + more)
		room *= 2;
	if (room != w->room) {
		data = realloc(w->data, room);
		if (!data) {
			w->error = -ENOMEM;
			return NULL;
		}
		w->data = data;
		w->room = room;
	}
	return w->data + w->len;
}

static void put(struct json_writer *w, const char *data, size_t len)
{
	char *to = reserve(w, len);

	if (!to)
		return;
	memcpy(to, data, len);
	w->len += len;
}

static void before_value(struct json_writer *w)
{
	if (w->comma)
		put(w, ",", 1);
	w->comma = true;
}

static void put_value(struct json_writer *w, const char *text)
{
	before_value(w);
	put(w, text, strlen(text));
}

int json_write_take(struct json_writer *w, char **ret, size_t *ret_len)
{
	put(w, "\n", 2);
	if (w->error)
		return w->error;
	*ret = w->data;
	*ret_len = w->len - 1;
	json_write_init(w, w->max_bytes);
	return 0;
}

void json_write_open(struct json_writer *w, char bracket)
{
	before_value(w);
	put(w, &bracket, 1);
	w->comma = false;
}

void json_write_close(struct json_writer *w, char bracket)
{
	put(w, &bracket, 1);
	w->comma = true;
}

void json_write_key(struct json_writer *w, const char *key)
{
	before_value(w);
	put(w, "\"", 1);
	put(w, key, strlen(key));
	put(w, "\":", 2);
	w->comma = false;
}

void json_write_null(struct json_writer *w)
{
	put_value(w, "null");
}

void json_write_bool(struct json_writer *w, bool value)
{
	put_value(w, value ? "true" : "false");
}

void json_write_uint(struct json_writer *w, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	put_value(w, text);
}

void json_write_int(struct json_writer *w, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	put_value(w, text);
}

void json_write_number(struct json_writer *w, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.12g", value);
	put_value(w, text);
}

static void put_escape(struct json_writer *w, unsigned char c)
{
	static const char *const shorts[] = {
		['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",	 ['\f'] = "\\f",
		['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\",
	};
	char text[8];

	if (c < sizeof(shorts) / sizeof(shorts[0]) && shorts[c]) {
		put(w, shorts[c], 2);
		return;
	}
	snprintf(text, sizeof(text), "\\u%04x", c);
	put(w, text, 6);
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

bool json_write_text(struct json_writer *w, struct text value)
{
	bool replaced = false, valid;
	size_t start = 0, i = 0;

	before_value(w);
	put(w, "\"", 1);
	while (i < value.len) {
		unsigned char c = (unsigned char)value.data[i];
		size_t n = 1;

		if (plain(c)) {
			i++;
			continue;
		}
		if (c >= 0x80) {
			n = utf8_step(value.data + i, value.len - i, &valid);
			if (valid) {
				i += n;
				continue;
			}
		}
		put(w, value.data + start, i - start);
		if (c < 0x80) {
			put_escape(w, c);
		} else {
			put(w, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
			replaced = true;
		}
		i += n;
		start = i;
	}
	if (i > start)
		put(w, value.data + start, i - start);
	put(w, "\"", 1);
	return replaced;
}

bool json_write_string(struct json_writer *w, const char *value)
{
	if (value)
		return json_write_text(w, (struct text){ value, strlen(value) });
	json_write_null(w);
	return false;
}

void json_write_name(struct json_writer *w, const char *name)
{
	json_write_string(w, name);
	put(w, ":", 1);
	w->comma = false;
}

void json_write_raw(struct json_writer *w, const char *json, size_t len)
{
	before_value(w);
	put(w, json, len);
}

void json_write_base64(struct json_writer *w, struct text value)
{
	size_t len = BASE64_ENCODED_LEN(value.len);
	char *to;

	before_value(w);
	put(w, "\"", 1);
	to = reserve(w, len);
	if (to) {
		base64_encode(value.data, value.len, to);
		w->len += len;
	}
	put(w, "\"", 1);
}

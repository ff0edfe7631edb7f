/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON written in exactly the order it is asked for, into one bounded buffer.  Failure (no memory,
 * over the bound) sticks and is told once, by json_write_take(); commas take care of themselves.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/text.h"

#define JSON_WRITE_MAX_BYTES ((size_t)2 << 30) /* above it an answer helps nobody */

struct json_writer {
	char *data; /* owned */
	size_t len, room, max_bytes;
	int error;  /* 0 or a negative errno */
	bool comma; /* one is due before the next value or key */
};

void json_write_init(struct json_writer *w, size_t max_bytes);
void json_write_done(struct json_writer *w);
/* Adds a newline and hands the text over, terminated by a NUL that does not count. */
int json_write_take(struct json_writer *w, char **ret, size_t *ret_len);

void json_write_open(struct json_writer *w, char bracket);
void json_write_close(struct json_writer *w, char bracket);
void json_write_key(struct json_writer *w, const char *key);   /* a plain C name */
void json_write_name(struct json_writer *w, const char *name); /* a key of somebody else's */
void json_write_null(struct json_writer *w);
void json_write_bool(struct json_writer *w, bool value);
void json_write_uint(struct json_writer *w, uint64_t value);
void json_write_int(struct json_writer *w, int64_t value);
void json_write_number(struct json_writer *w, double value); /* finite; 12 digits of it */
/* Bytes that are not UTF-8 become U+FFFD; returns true where that happened. */
bool json_write_text(struct json_writer *w, struct text value);
bool json_write_string(struct json_writer *w, const char *value); /* NULL is null */
/* JSON that we wrote ourselves, as it is. */
void json_write_raw(struct json_writer *w, const char *json, size_t len);
void json_write_base64(struct json_writer *w, struct text value);

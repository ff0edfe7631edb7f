/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict reading of JSON that somebody else wrote: jansson for the grammar, tables for the fields,
 * and every refusal with the path of the value that broke a rule.  Readers return 0, 1 (refused) or
 * a negative errno; what they return points into the arena, never into jansson's tree.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "model/request.h"

/* Values in one body: four times what the largest legal request needs; bounds jansson's tree. */
#define JSON_READ_VALUES_MAX 65536

struct json_reader {
	struct arena *arena;
	struct refusal *refusal;
};

/* Where a value stands. It lives on the stack and is printed only when something is refused. */
struct json_path {
	const struct json_path *up; /* NULL: the body itself */
	const char *name;	    /* NULL: an array's element */
	size_t index;
};

typedef int json_read_fn(struct json_reader *r, const struct json_path *at, const json_t *value,
			 void *into);

struct json_field {
	const char *name;
	bool required;
	json_read_fn *read;
};

#define _cleanup_json_ _cleanup_(json_decrefp) /* jansson.h has that function */

/* Whole body to jansson's tree; the caller drops the reference. */
int json_read_body(const char *body, size_t len, struct refusal *refusal, json_t **ret);

int json_refuse(struct json_reader *r, const struct json_path *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A key that no table knows; it is somebody else's text, so it is cut short. */
int json_refuse_unknown(struct json_reader *r, const struct json_path *at, const char *key);

int json_read_object(struct json_reader *r, const struct json_path *at, const json_t *value,
		     const struct json_field *fields, size_t nfields, void *into);
/* An array of at most `max` elements of `size` bytes each, zeroed and then filled by `read`. */
int json_read_array(struct json_reader *r, const struct json_path *at, const json_t *value,
		    size_t max, size_t size, json_read_fn *read, void *ret_array, size_t *ret_len);

json_read_fn json_read_text;  /* into struct text; NUL allowed, never NULL */
json_read_fn json_read_name;  /* into const char *; NUL refused */
json_read_fn json_read_bool;  /* into bool */
json_read_fn json_read_count; /* into uint64_t; at least 1 */
json_read_fn json_read_uint;  /* into uint64_t; at least 0 */

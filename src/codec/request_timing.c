/* SPDX-License-Identifier: Apache-2.0 */
/* How often a case is run, and what limits are multiplied by. Which languages there are is the planner's to know. */
#include <errno.h>
#include <string.h>

#include "codec/fields.h"
#include "codec/request_parts.h"

#define LANGUAGES_MAX 256

/* A number of these bounds, both of them in it. */
static int read_between(struct json_reader *r, const struct json_path *at, const json_t *v,
			double min, double max, double *into)
{
	double value = json_number_value(v);

	if (!json_is_number(v) || !(value >= min && value <= max))
		return json_refuse(r, at, "must be a number from %g to %g", min, max);
	*into = value;
	return 0;
}

/* ---- repeat ---- */

static int repeat_times(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	json_int_t value = json_integer_value(v);

	if (!json_is_integer(v) || value < 0 || value > REQUEST_REPEAT_MAX)
		return json_refuse(r, at, "must be an integer from 0 to %d", REQUEST_REPEAT_MAX);
	((struct request_repeat *)into)->times = (unsigned)value;
	return 0;
}

static int repeat_within(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	return read_between(r, at, v, 0, REQUEST_WITHIN_MAX,
			    &((struct request_repeat *)into)->within);
}

#define REPEAT_ROW(field, type, must, doc) ROW(repeat, field, must),
static const struct json_field repeat_rows[] = { REPEAT_FIELDS(REPEAT_ROW) };

int request_repeat(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	struct request_repeat *repeat = &((struct request *)into)->repeat;

	repeat->said = true;
	if (json_is_object(v))
		return json_read_object(r, at, v, repeat_rows, ARRAY_SIZE(repeat_rows), repeat);
	if (!json_is_integer(v))
		return json_refuse(r, at, "must be an integer from 0 to %d, or an object",
				   REQUEST_REPEAT_MAX);
	return repeat_times(r, at, v, repeat);
}

/* ---- factors ---- */

static int factors_time_factor(struct json_reader *r, const struct json_path *at, const json_t *v,
			       void *into)
{
	return read_between(r, at, v, FACTOR_MIN, FACTOR_MAX,
			    &((struct request_factors *)into)->time);
}

static int factors_memory_factor(struct json_reader *r, const struct json_path *at, const json_t *v,
				 void *into)
{
	return read_between(r, at, v, FACTOR_MIN, FACTOR_MAX,
			    &((struct request_factors *)into)->memory);
}

#define FACTORS_ROW(field, type, must, doc) ROW(factors, field, must),
static const struct json_field factors_rows[] = { FACTORS_FIELDS(FACTORS_ROW) };

int request_language_factors(struct json_reader *r, const struct json_path *at, const json_t *v,
			     void *into)
{
	struct request *req = into;
	struct request_factors *list;
	const char *key;
	json_t *member;
	size_t n = 0;

	if (!json_is_object(v))
		return json_refuse(r, at, "must be an object");
	if (json_object_size(v) > LANGUAGES_MAX)
		return json_refuse(r, at, "must have at most %d entries", LANGUAGES_MAX);
	list = arena_alloc_array(r->arena, json_object_size(v) + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	json_object_foreach((json_t *)v, key, member) {
		struct json_path path = { .up = at, .name = key };
		int rc;

		list[n].language = arena_strndup(r->arena, key, strlen(key));
		if (!list[n].language)
			return -ENOMEM;
		rc = json_read_object(r, &path, member, factors_rows, ARRAY_SIZE(factors_rows),
				      &list[n++]);
		if (rc)
			return rc;
	}
	req->language_factors = list;
	req->nlanguage_factors = n;
	return 0;
}

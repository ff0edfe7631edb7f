/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function to be called: its name, and in each case its arguments and the value that it returns, both of them JSON inside a
 * string.  The value is written anew with its keys in order, as the one who calls writes what was returned.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "codec/fields.h"
#include "codec/request_parts.h"

#define NAME_BYTES_MAX 128
#define NESTED_MAX 500 /* Python's json follows it to its bound on recursion, less than 1000 */
#define FIRST "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DUMP (JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY)

/* The name becomes part of a program: nothing but letters, digits and '_' may be in it. */
static size_t word_len(const char *s)
{
	return strspn(s, FIRST) ? strspn(s, FIRST "0123456789") : 0;
}

static int function_name(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	struct request_function *f = into;
	int rc = json_read_name(r, at, v, &f->name);
	size_t n;

	if (rc)
		return rc;
	n = word_len(f->name);
	if (n && f->name[n] == '.') {
		size_t method = word_len(f->name + n + 1);

		n = method ? n + 1 + method : 0;
	}
	if (!n || f->name[n] || n > NAME_BYTES_MAX)
		return json_refuse(
			r, at,
			"must be a name of letters, digits and '_', or two with a '.' between");
	return 0;
}

static int read_tolerance(struct json_reader *r, const struct json_path *at, const json_t *v,
			  double *into)
{
	double value = json_number_value(v);

	if (!json_is_number(v) || !isfinite(value) || value < 0)
		return json_refuse(r, at, "must be a number of at least 0");
	*into = value;
	return 0;
}

static int function_abs(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	return read_tolerance(r, at, v, &((struct request_function *)into)->abs);
}

static int function_rel(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	return read_tolerance(r, at, v, &((struct request_function *)into)->rel);
}

#define FUNCTION_ROW(field, type, must, doc) ROW(function, field, must),
static const struct json_field function_rows[] = { FUNCTION_FIELDS(FUNCTION_ROW) };

int request_read_function(struct json_reader *r, const struct json_path *at, const json_t *value,
			  const struct request_function **ret)
{
	struct request_function *f = arena_alloc(r->arena, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->abs = f->rel = 1e-9;
	*ret = f;
	return json_read_object(r, at, value, function_rows, ARRAY_SIZE(function_rows), f);
}

/* Beside a function nothing else is compared. */
static int check_alone(struct json_reader *r, const struct json_path *at, const struct test_case *t)
{
	const char *other = t->compare ? "compare" : t->expected_files ? "expected_files" : NULL;

	return other ? json_refuse(r, &(struct json_path){ .up = at, .name = other },
				   "is refused together with function")
		     : 0;
}

/* Looks no deeper than `levels`. */
static bool deeper_than(const json_t *value, unsigned levels)
{
	const char *key;
	json_t *member;
	size_t i;

	if (!json_is_array(value) && !json_is_object(value))
		return false;
	if (levels == 0)
		return true;
	json_array_foreach(value, i, member)
		if (deeper_than(member, levels - 1))
			return true;
	json_object_foreach((json_t *)value, key, member)
		if (deeper_than(member, levels - 1))
			return true;
	return false;
}

/* JSON inside a string: what is wrong with it is told of the field that holds it. */
static int parse_inside(struct json_reader *r, const struct json_path *at, struct text text,
			json_t **ret)
{
	struct refusal inside = { 0 };
	int rc = json_read_body(text.data, text.len, &inside, ret);

	if (rc > 0)
		return json_refuse(r, at, "%s%s%s", inside.field, inside.field[0] ? ": " : "",
				   inside.rule);
	if (rc == 0 && deeper_than(*ret, NESTED_MAX))
		return json_refuse(r, at, "must be nested at most %d deep", NESTED_MAX);
	return rc;
}

static int keep_value(struct json_reader *r, const json_t *value, struct text *ret)
{
	size_t len = json_dumpb(value, NULL, 0, DUMP);
	char *text = arena_alloc(r->arena, len + 1);

	if (!len || !text || json_dumpb(value, text, len, DUMP) != len)
		return -ENOMEM;
	*ret = (struct text){ text, len };
	return 0;
}

static int read_case(struct json_reader *r, const struct json_path *at, struct test_case *t)
{
	struct json_path input = { .up = at, .name = "input" };
	struct json_path expected = { .up = at, .name = "expected" };
	_cleanup_json_ json_t *arguments = NULL, *value = NULL;
	int rc = parse_inside(r, &input, t->input, &arguments);

	if (rc)
		return rc;
	if (!json_is_array(arguments))
		return json_refuse(r, &input, "must be a JSON array, the function's arguments");
	rc = parse_inside(r, &expected, t->expected, &value);
	return rc ? rc : keep_value(r, value, &t->value);
}

int request_check_function(struct json_reader *r, const json_t *root, struct request *req)
{
	struct json_path tests = { .name = "test_cases" };
	int rc = 0;

	if (!req->function)
		return 0;
	if (json_object_get(root, "compare"))
		return json_refuse(r, &(struct json_path){ .name = "compare" },
				   "is refused together with function");
	for (size_t i = 0; rc == 0 && i < req->ntests; i++) {
		struct json_path at = { .up = &tests, .index = i };

		rc = check_alone(r, &at, &req->tests[i]);
		if (rc == 0)
			rc = read_case(r, &at, (struct test_case *)&req->tests[i]);
	}
	return rc;
}

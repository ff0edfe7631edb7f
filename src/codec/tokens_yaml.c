/* SPDX-License-Identifier: Apache-2.0 */
/* See tokens_yaml.h. Members that may be absent are pointers. */
#include "codec/tokens_yaml.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "codec/yaml_read.h"

#define ENTRIES_MAX 1000
#define RATE_MAX 1e6
#define COUNT_MAX 1000000

struct yaml_caps {
#define CAP_MEMBER(field, def, cap, doc) uint64_t *field;
	LIMITS(CAP_MEMBER)
};

struct yaml_entry {
	const char *name, *hash;
	double *rate, *burst;
	uint64_t *concurrency, *queue;
	struct yaml_caps *caps;
};

static const cyaml_schema_field_t caps_schema[] = {
#define CAP_ROW(field, def, cap, doc) \
	CYAML_FIELD_UINT_PTR(#field, CYAML_FLAG_OPTIONAL, struct yaml_caps, field),
	LIMITS(CAP_ROW) CYAML_FIELD_END,
};

static const cyaml_schema_field_t entry_schema[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct yaml_entry, name, 1,
			       YAML_WORD_MAX),
	CYAML_FIELD_STRING_PTR("hash", CYAML_FLAG_POINTER, struct yaml_entry, hash, 1,
			       YAML_WORD_MAX),
	CYAML_FIELD_FLOAT_PTR("rate", CYAML_FLAG_OPTIONAL, struct yaml_entry, rate),
	CYAML_FIELD_FLOAT_PTR("burst", CYAML_FLAG_OPTIONAL, struct yaml_entry, burst),
	CYAML_FIELD_UINT_PTR("concurrency", CYAML_FLAG_OPTIONAL, struct yaml_entry, concurrency),
	CYAML_FIELD_UINT_PTR("queue", CYAML_FLAG_OPTIONAL, struct yaml_entry, queue),
	CYAML_FIELD_MAPPING_PTR("caps", CYAML_FLAG_OPTIONAL, struct yaml_entry, caps, caps_schema),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t entry_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_entry, entry_schema),
};

static const cyaml_schema_value_t top_schema = {
	CYAML_VALUE_SEQUENCE(CYAML_FLAG_POINTER, struct yaml_entry, &entry_value, 0, ENTRIES_MAX),
};

bool tokens_name_ok(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= TOKENS_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
		       n;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hash(const char *text, unsigned char hash[static TOKENS_HASH_BYTES])
{
	if (strlen(text) != 2 * TOKENS_HASH_BYTES)
		return false;
	for (size_t i = 0; i < TOKENS_HASH_BYTES; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		hash[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static const char *take_caps(const struct yaml_caps *y, struct limits *to)
{
#define TAKE_CAP(field, def, cap, doc) \
	if (y->field) { \
		if (*y->field < 1) \
			return "caps must be at least 1"; \
		to->field = *y->field; \
	}
	LIMITS(TAKE_CAP)
	return NULL;
}

static const char *take_rate(const struct yaml_entry *y, struct token_entry *to)
{
	double rate = y->rate ? *y->rate : 0, burst = y->burst ? *y->burst : 0;

	if (y->rate && !(rate > 0 && rate <= RATE_MAX))
		return "rate must be above 0 and at most 1000000";
	if (y->burst && (!y->rate || !(burst >= 1 && burst <= RATE_MAX)))
		return "burst goes with a rate, and must be from 1 to 1000000";
	to->rate = rate;
	to->burst = y->burst ? burst : fmax(rate, 1);
	return NULL;
}

/* NULL, or the rule that is broken. */
static const char *take_entry(const struct yaml_entry *y, struct token_entry *to)
{
	const char *rule;

	to->name = y->name;
	if (!tokens_name_ok(y->name))
		return "name must have 1 to 63 letters, digits, '-', '_' and '.'";
	if (!take_hash(y->hash, to->hash))
		return "hash must have 64 hexadecimal digits, in lower case";
	if ((y->concurrency && (*y->concurrency < 1 || *y->concurrency > COUNT_MAX)) ||
	    (y->queue && (*y->queue < 1 || *y->queue > COUNT_MAX)))
		return "concurrency and queue must be from 1 to 1000000";
	to->concurrency = y->concurrency ? (unsigned)*y->concurrency : 0;
	to->queue = y->queue ? (unsigned)*y->queue : 0;
	rule = take_rate(y, to);
	return rule || !y->caps ? rule : take_caps(y->caps, &to->caps);
}

static bool is_bare(const struct yaml_entry *y)
{
	return !y->rate && !y->burst && !y->concurrency && !y->queue && !y->caps;
}

static int broken(struct err *err, const char *path, size_t i, const char *name, const char *rule)
{
	err_set(err, 0, "%s: entry %zu (%.80s): %s", path, i + 1, name, rule);
	if (err)
		err->code = -EINVAL;
	return -EINVAL;
}

int tokens_yaml_load_text(const char *path, const char *text, size_t len, struct arena *arena,
			  struct token_entry **ret, size_t *ret_n, struct err *err)
{
	struct yaml_source source = { path, text, len };
	struct yaml_entry *y = NULL;
	struct token_entry *list;
	unsigned n = 0;
	int r = yaml_read(&source, &top_schema, arena, (void **)&y, &n, err);

	if (r < 0)
		return r;
	list = arena_alloc_array(arena, n ? n : 1, sizeof(*list));
	if (!list)
		return err_set(err, ENOMEM, "%s", path);
	for (size_t i = 0; i < n; i++) {
		const char *rule = take_entry(&y[i], &list[i]);

		for (size_t k = 0; k < i; k++)
			list[i].more = list[i].more || !strcmp(list[k].name, list[i].name);
		if (!rule && list[i].more && !is_bare(&y[i]))
			rule = "a further token of this name: nothing but name and hash may stand here";
		if (rule)
			return broken(err, path, i, y[i].name, rule);
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

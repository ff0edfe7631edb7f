/* SPDX-License-Identifier: Apache-2.0 */
/* See serve_config.h.  All members of the YAML struct are pointers: NULL is a key that was not given. */
#include "app/serve_config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/yaml_read.h"

/* ---- the schema ---- */

struct yaml_limits {
#define LIMIT_MEMBER(field, def, cap, doc) uint64_t *field;
	LIMITS(LIMIT_MEMBER)
};

struct yaml_serve {
#define YAML_MEMBER_LIST(key) \
	const char **key; \
	unsigned key##_count;
#define YAML_MEMBER_TEXT(key) const char *key;
#define YAML_MEMBER_NUMBER(key) uint64_t *key;
#define YAML_MEMBER(kind, key, when, def, min, max, doc) YAML_MEMBER_##kind(key)
	SERVE_KEYS(YAML_MEMBER)
	struct yaml_limits limits, caps;
};

static const cyaml_schema_value_t word_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, YAML_WORD_MAX),
};

static const cyaml_schema_field_t limits_schema[] = {
#define LIMIT_ROW(field, def, cap, doc) \
	CYAML_FIELD_UINT_PTR(#field, CYAML_FLAG_OPTIONAL, struct yaml_limits, field),
	LIMITS(LIMIT_ROW) CYAML_FIELD_END,
};

static const cyaml_schema_field_t schema[] = {
#define SCHEMA_LIST(key, min, max) \
	CYAML_FIELD_SEQUENCE(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_serve, \
			     key, &word_schema, min, max),
#define SCHEMA_TEXT(key, min, max) \
	CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_serve, \
			       key, 0, YAML_WORD_MAX),
#define SCHEMA_NUMBER(key, min, max) \
	CYAML_FIELD_UINT_PTR(#key, CYAML_FLAG_OPTIONAL, struct yaml_serve, key),
#define SCHEMA(kind, key, when, def, min, max, doc) SCHEMA_##kind(key, min, max)
	SERVE_KEYS(SCHEMA) CYAML_FIELD_MAPPING("limits", CYAML_FLAG_OPTIONAL, struct yaml_serve,
					       limits, limits_schema),
	CYAML_FIELD_MAPPING("caps", CYAML_FLAG_OPTIONAL, struct yaml_serve, caps, limits_schema),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t top_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_serve, schema),
};

/* ---- defaults ---- */

static const char *const no_words[] = { NULL };

static void set_defaults(struct serve_config *c)
{
#define DEFAULT_LIST(key, def) \
	static const char *const key##_default[] = { def, NULL }; \
	c->key = *def ? key##_default : no_words;
#define DEFAULT_TEXT(key, def) c->key = def;
#define DEFAULT_NUMBER(key, def) c->key = def;
#define DEFAULT(kind, key, when, def, min, max, doc) DEFAULT_##kind(key, def)
	SERVE_KEYS(DEFAULT)
	c->defaults = limits_default;
	c->caps = limits_cap;
}

/* ---- the file ---- */

static const char *const *terminated(struct arena *arena, const char *const *list, size_t n)
{
	const char **copy = arena_alloc_array(arena, n + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < n; i++)
		copy[i] = list[i];
	return copy;
}

struct rule {
	const char *key;
	char text[160];
};

static bool number_ok(const char *key, uint64_t value, uint64_t min, uint64_t max,
		      struct rule *broken)
{
	if (value >= min && value <= max)
		return true;
	broken->key = key;
	snprintf(broken->text, sizeof(broken->text), "must be from %" PRIu64 " to %" PRIu64, min,
		 max);
	return false;
}

/* Caps may be lowered here, and not raised: the warden knows them as they are built in. */
static bool take_limits(const struct yaml_limits *from, const char *key, const struct limits *most,
			struct limits *to, struct rule *broken)
{
#define TAKE_LIMIT(field, def, cap, doc) \
	if (from->field) { \
		if (*from->field < 1 || *from->field > most->field) { \
			broken->key = key; \
			snprintf(broken->text, sizeof(broken->text), \
				 "%s must be from 1 to %" PRIu64, #field, most->field); \
			return false; \
		} \
		to->field = *from->field; \
	}
	LIMITS(TAKE_LIMIT)
	return true;
}

/* 0, 1 (a rule is broken) or -ENOMEM. */
static int take_file(const struct yaml_serve *y, struct arena *arena, struct serve_config *c,
		     struct rule *broken)
{
#define TAKE_LIST(key, min, max) \
	if (y->key && !(c->key = terminated(arena, y->key, y->key##_count))) \
		return -ENOMEM;
#define TAKE_TEXT(key, min, max) \
	if (y->key) \
		c->key = y->key;
#define TAKE_NUMBER(key, min, max) \
	if (y->key) { \
		c->key = *y->key; \
		if (!number_ok(#key, c->key, min, max, broken)) \
			return 1; \
	}
#define TAKE(kind, key, when, def, min, max, doc) TAKE_##kind(key, min, max)
	SERVE_KEYS(TAKE)
	return !take_limits(&y->caps, "caps", &limits_cap, &c->caps, broken) ||
	       !take_limits(&y->limits, "limits", &c->caps, &c->defaults, broken);
}

static int load_file(const char *path, int *kept, struct arena *arena, struct serve_config *c,
		     struct err *err)
{
	_cleanup_close_ int fd = fd_open_again(path, *kept);
	char *text = arena_alloc(arena, YAML_FILE_MAX + 1);
	struct yaml_source source = { .path = path, .text = text };
	struct yaml_serve *y = NULL;
	struct rule broken;
	ssize_t n;
	int r;

	if (fd < 0)
		return err_set(err, fd, "%s", path);
	n = text ? fd_read_full(fd, text, YAML_FILE_MAX + 1) : -ENOMEM;
	if (n < 0)
		return err_set(err, (int)n, "%s", path);
	source.len = (size_t)n;
	r = yaml_read(&source, &top_schema, arena, (void **)&y, NULL, err);
	if (r < 0)
		return r;
	r = take_file(y, arena, c, &broken);
	if (r > 0)
		return yaml_broken_key(err, &source, broken.key, broken.text);
	if (r < 0)
		return err_set(err, r, "%s", path);
	if (*kept < 0)
		*kept = TAKE_FD(fd);
	return 0;
}

/* ---- the command line ---- */

static void take_word(const char *said, const char **ret)
{
	*ret = said ? said : *ret;
}

static int take_options(const struct settings *s, struct arena *arena, struct serve_config *c)
{
	const struct serve_settings *o = &s->serve;

	if (o->listen.len)
		c->listen = terminated(arena, o->listen.items, o->listen.len);
	if (o->hosts.len)
		c->hosts = terminated(arena, o->hosts.items, o->hosts.len);
	if (o->origins.len)
		c->origins = terminated(arena, o->origins.items, o->origins.len);
	take_word(o->tokens, &c->tokens);
	take_word(o->state_dir, &c->state_dir);
	take_word(o->redis, &c->redis);
	take_word(s->worker.redis_ca, &c->redis_ca);
	take_word(s->worker.queue, &c->redis_queue);
	take_word(s->log_dir, &c->log_dir);
	take_word(s->languages_dir, &c->languages_dir);
	take_word(s->profile, &c->profile);
	take_word(s->tree, &c->tree);
	c->lanes = s->lanes ? s->lanes : c->lanes;
	return c->listen && c->hosts && c->origins ? 0 : -ENOMEM;
}

int serve_config_load(const struct settings *s, struct arena *arena, int *kept,
		      struct serve_config *ret, struct err *err)
{
	int r = 0;

	set_defaults(ret);
	if (s->serve.config)
		r = load_file(s->serve.config, kept, arena, ret, err);
	if (r < 0)
		return r;
	if (take_options(s, arena, ret) < 0)
		return err_set(err, ENOMEM, "read the configuration");
	if (!*ret->listen)
		return err_set(err, EINVAL, "listen: nothing is listened on");
	/* Else the largest body that is let in could never be judged, and its sender be told to try again. */
	if (ret->job_bytes / 2 < ret->max_body)
		return err_set(err, EINVAL, "job_bytes: must be at least twice max_body, %" PRIu64,
			       2 * (uint64_t)ret->max_body);
	return 0;
}

/* ---- changed ---- */

static bool same_list(const char *const *a, const char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return !*a && !*b;
}

void serve_config_take(struct serve_config *c, const struct serve_config *from,
		       struct serve_changes *ret)
{
	size_t live = 0, start = 0;

	*ret = (struct serve_changes){ 0 };
/* Taken also where it is the same: the old words go. */
#define CHANGED_LIVE(key, same) \
	if (!(same)) \
		ret->live[live++] = #key; \
	c->key = from->key;
#define CHANGED_START(key, same) \
	if (!(same)) \
		ret->start[start++] = #key;
#define SAME_LIST(key) same_list(c->key, from->key)
#define SAME_TEXT(key) (strcmp(c->key, from->key) == 0)
#define SAME_NUMBER(key) (c->key == from->key)
#define CHANGED(kind, key, when, def, min, max, doc) CHANGED_##when(key, SAME_##kind(key))
	SERVE_KEYS(CHANGED)
	if (memcmp(&c->defaults, &from->defaults, sizeof(c->defaults)) != 0)
		ret->live[live++] = "limits";
	if (memcmp(&c->caps, &from->caps, sizeof(c->caps)) != 0)
		ret->live[live++] = "caps";
	c->defaults = from->defaults;
	c->caps = from->caps;
}

/* ---- printed ---- */

static void print_list(const char *key, const char *def)
{
	if (*def)
		printf("%s:\n  - \"%s\"\n", key, def);
	else
		printf("%s: []\n", key);
}

void serve_config_print(void)
{
	printf("# kodewar serve --config FILE: every key, with its default\n"
	       "# SIGHUP reads it again; what is marked (start) then stays as it was\n");
#define PRINT_WHEN_START " (start)"
#define PRINT_WHEN_LIVE ""
#define PRINT_LIST(key, def) print_list(#key, def);
#define PRINT_TEXT(key, def) printf("%s: \"%s\"\n", #key, def);
#define PRINT_NUMBER(key, def) printf("%s: %llu\n", #key, (unsigned long long)(def));
#define PRINT(kind, key, when, def, min, max, doc) \
	printf("\n# %s%s\n", doc, PRINT_WHEN_##when); \
	PRINT_##kind(key, def)
	SERVE_KEYS(PRINT)
	printf("\n# defaults of a box's limits; a language's own and a request's go above them\nlimits:\n");
	for (size_t i = 0; i < limit_table_len; i++)
		printf("  %s: %" PRIu64 " # %s\n", limit_table[i].name, limit_table[i].def,
		       limit_table[i].doc);
	printf("\n# what a request may ask for at most; these are the highest that can be had\ncaps:\n");
	for (size_t i = 0; i < limit_table_len; i++)
		printf("  %s: %" PRIu64 "\n", limit_table[i].name, limit_table[i].cap);
}

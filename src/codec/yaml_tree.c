/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See yaml_tree.h.  libyaml's events are put together by hand, with the way from the root to the open node as
 * an array: no recursion, and each bound is met before anything is made.
 */
#include "codec/yaml_tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"

struct builder {
	const struct yaml_source *source;
	struct arena *arena;
	struct err *err;
	struct yaml_node *open[YAML_TREE_DEPTH]; /* the root first */
	size_t depth, nodes;
	const char *key; /* read, its value not yet */
	struct yaml_node *root;
};

static int broken_at(struct builder *b, size_t line, size_t column, const char *rule)
{
	err_set(b->err, 0, "%s:%zu:%zu: %s", b->source->path, line + 1, column + 1, rule);
	if (b->err)
		b->err->code = -EINVAL;
	return -EINVAL;
}

static int broken(struct builder *b, const yaml_event_t *e, const char *rule)
{
	return broken_at(b, e->start_mark.line, e->start_mark.column, rule);
}

int yaml_tree_broken(struct err *err, const struct yaml_source *s, const struct yaml_node *node,
		     const char *rule)
{
	err_set(err, 0, "%s:%zu:%zu: %s%s%s", s->path, node->line, node->column,
		node->key ? node->key : "", node->key ? ": " : "", rule);
	if (err)
		err->code = -EINVAL;
	return -EINVAL;
}

static bool has_key(const struct yaml_node *map, const char *key)
{
	for (const struct yaml_node *n = map->first; n; n = n->next)
		if (!strcmp(n->key, key))
			return true;
	return false;
}

/* A scalar in a map that waits for a key is one. */
static int take_key(struct builder *b, const yaml_event_t *e, const char *value)
{
	if (has_key(b->open[b->depth - 1], value))
		return broken(b, e, "this key was there before");
	b->key = value;
	return 0;
}

static int add(struct builder *b, const yaml_event_t *e, enum yaml_kind kind, const char *value,
	       struct yaml_node **ret)
{
	struct yaml_node *parent = b->depth ? b->open[b->depth - 1] : NULL;
	struct yaml_node *n;

	if (parent && parent->kind == YAML_MAP && !b->key)
		return broken(b, e, "a key must be a plain word");
	if (b->nodes++ == YAML_TREE_NODES)
		return broken(b, e, "has too many values");
	n = arena_alloc(b->arena, sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct yaml_node){ .kind = kind,
				 .key = b->key,
				 .value = value,
				 .line = e->start_mark.line + 1,
				 .column = e->start_mark.column + 1 };
	b->key = NULL;
	if (!parent)
		b->root = n;
	else if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	if (parent)
		parent->last = n;
	*ret = n;
	return 0;
}

static int on_scalar(struct builder *b, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	struct yaml_node *n;
	char *value;
	int r;

	if (memchr(text, '\0', len))
		return broken(b, e, "must not hold NUL");
	value = arena_strndup(b->arena, text, len);
	if (!value)
		return -ENOMEM;
	if (b->depth && b->open[b->depth - 1]->kind == YAML_MAP && !b->key)
		return take_key(b, e, value);
	r = add(b, e, YAML_SCALAR, value, &n);
	if (r == 0)
		n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return r;
}

static int on_open(struct builder *b, const yaml_event_t *e, enum yaml_kind kind)
{
	struct yaml_node *n;
	int r;

	if (b->depth == YAML_TREE_DEPTH)
		return broken(b, e, "is nested too deep");
	r = add(b, e, kind, "", &n);
	if (r == 0)
		b->open[b->depth++] = n;
	return r;
}

static int on_event(struct builder *b, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_ALIAS_EVENT: return broken(b, e, "must not use an alias");
	case YAML_SCALAR_EVENT: return on_scalar(b, e);
	case YAML_SEQUENCE_START_EVENT: return on_open(b, e, YAML_LIST);
	case YAML_MAPPING_START_EVENT: return on_open(b, e, YAML_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: b->depth--; return 0;
	case YAML_DOCUMENT_START_EVENT: return b->root ? broken(b, e, "must be one document") : 0;
	default: return 0;
	}
}

static int parse_all(struct builder *b, yaml_parser_t *parser)
{
	yaml_event_t e;
	bool end = false;
	int r = 0;

	while (r == 0 && !end) {
		if (!yaml_parser_parse(parser, &e)) {
			if (parser->error == YAML_MEMORY_ERROR)
				return -ENOMEM;
			return broken_at(b, parser->problem_mark.line, parser->problem_mark.column,
					 parser->problem ? parser->problem : "is not YAML");
		}
		end = e.type == YAML_STREAM_END_EVENT;
		r = on_event(b, &e);
		yaml_event_delete(&e);
	}
	return r;
}

int yaml_tree_read(const struct yaml_source *s, struct arena *arena, const struct yaml_node **ret,
		   struct err *err)
{
	struct builder b = { .source = s, .arena = arena, .err = err };
	yaml_parser_t parser;
	int r;

	if (s->len > YAML_FILE_MAX)
		return err_set(err, EFBIG, "%s", s->path);
	if (!yaml_parser_initialize(&parser))
		return err_set(err, ENOMEM, "%s", s->path);
	yaml_parser_set_input_string(&parser, (const unsigned char *)s->text, s->len);
	r = parse_all(&b, &parser);
	yaml_parser_delete(&parser);
	if (r == 0 && !b.root) {
		b.root = arena_alloc(arena, sizeof(*b.root));
		r = b.root ? 0 : -ENOMEM;
		if (b.root)
			*b.root = (struct yaml_node){
				.kind = YAML_MAP, .value = "", .line = 1, .column = 1
			};
	}
	if (r == -ENOMEM)
		return err_set(err, ENOMEM, "%s", s->path);
	*ret = b.root;
	return r;
}

static bool is_null(const struct yaml_node *n)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; n->kind == YAML_SCALAR && n->plain && i < ARRAY_SIZE(words); i++)
		if (!strcmp(n->value, words[i]))
			return true;
	return false;
}

const struct yaml_node *yaml_tree_find(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (const struct yaml_node *n = map->first; n; n = n->next)
		if (!strcmp(n->key, key))
			return is_null(n) ? NULL : n;
	return NULL;
}

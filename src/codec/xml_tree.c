/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See xml_tree.h.  expat reads, handlers build; the first that finds a rule broken stops the parser and says which.
 * Numbers of handlers and levels are bounded here, what entities could do is not, since without a DOCTYPE there are none.
 */
#include "codec/xml_tree.h"

#include <errno.h>
#include <expat.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 4096 /* of one element */

struct builder {
	XML_Parser parser;
	struct arena *arena;
	struct xml_node *open[XML_TREE_DEPTH];
	size_t depth, nodes, text_len;
	char text[TEXT_MAX]; /* of the innermost element */
	struct xml_node *root;
	const char *rule; /* broken */
	int error;
};

static void stop(struct builder *b, const char *rule, int error)
{
	if (!b->rule && !b->error) {
		b->rule = rule;
		b->error = error;
	}
	XML_StopParser(b->parser, XML_FALSE);
}

static const char *const *copy_attributes(struct builder *b, const XML_Char **from)
{
	size_t n = 0;
	const char **to;

	while (from[n])
		n++;
	to = arena_alloc_array(b->arena, n + 1, sizeof(*to));
	for (size_t i = 0; to && i < n; i++) {
		to[i] = arena_strndup(b->arena, from[i], strlen(from[i]));
		if (!to[i])
			return NULL;
	}
	return to;
}

static struct xml_node *make(struct builder *b, const XML_Char *name, const XML_Char **attributes)
{
	struct xml_node *n = arena_alloc(b->arena, sizeof(*n));

	if (!n)
		return NULL;
	*n = (struct xml_node){ .name = arena_strndup(b->arena, name, strlen(name)),
				.attributes = copy_attributes(b, attributes),
				.text = "",
				.line = XML_GetCurrentLineNumber(b->parser) };
	return n->name && n->attributes ? n : NULL;
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct builder *b = user;
	struct xml_node *n, *parent = b->depth ? b->open[b->depth - 1] : NULL;

	if (b->rule || b->error)
		return;
	if (b->depth == XML_TREE_DEPTH || b->nodes++ == XML_TREE_NODES) {
		stop(b, b->depth == XML_TREE_DEPTH ? "is nested too deep" : "has too many elements",
		     0);
		return;
	}
	n = make(b, name, attributes);
	if (!n) {
		stop(b, NULL, -ENOMEM);
		return;
	}
	if (!parent)
		b->root = n;
	else if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	if (parent)
		parent->last = n;
	b->open[b->depth++] = n;
	b->text_len = 0;
}

static void on_end(void *user, const XML_Char *name)
{
	struct builder *b = user;
	struct xml_node *n;

	if (b->rule || b->error)
		return;
	n = b->open[--b->depth];
	if (!n->first) {
		n->text = arena_strndup(b->arena, b->text, b->text_len);
		if (!n->text)
			stop(b, NULL, -ENOMEM);
	}
	b->text_len = 0;
}

static void on_text(void *user, const XML_Char *text, int len)
{
	struct builder *b = user;
	size_t n = (size_t)len;

	if (n > sizeof(b->text) - b->text_len) {
		stop(b, "has an element with too long a text", 0);
		return;
	}
	memcpy(b->text + b->text_len, text, n);
	b->text_len += n;
}

static void on_doctype(void *user, const XML_Char *name, const XML_Char *system,
		       const XML_Char *public, int internal)
{
	stop(user, "must not have a DOCTYPE", 0);
}

static int broken(struct err *err, const char *path, size_t line, const char *rule)
{
	err_set(err, 0, "%s:%zu: %s", path, line, rule);
	if (err)
		err->code = -EINVAL;
	return -EINVAL;
}

int xml_tree_broken(struct err *err, const struct xml_source *s, const struct xml_node *node,
		    const char *rule)
{
	err_set(err, 0, "%s:%zu: %s: %s", s->path, node->line, node->name, rule);
	if (err)
		err->code = -EINVAL;
	return -EINVAL;
}

static int parse(struct builder *b, const struct xml_source *s, struct err *err)
{
	bool good;

	XML_SetUserData(b->parser, b);
	XML_SetElementHandler(b->parser, on_start, on_end);
	XML_SetCharacterDataHandler(b->parser, on_text);
	XML_SetStartDoctypeDeclHandler(b->parser, on_doctype);
	good = XML_Parse(b->parser, s->text, (int)s->len, XML_TRUE) == XML_STATUS_OK;
	if (b->error || (!good && XML_GetErrorCode(b->parser) == XML_ERROR_NO_MEMORY))
		return err_set(err, ENOMEM, "%s", s->path);
	if (b->rule)
		return broken(err, s->path, XML_GetCurrentLineNumber(b->parser), b->rule);
	if (!good)
		return broken(err, s->path, XML_GetCurrentLineNumber(b->parser),
			      XML_ErrorString(XML_GetErrorCode(b->parser)));
	return 0;
}

int xml_tree_read(const struct xml_source *s, struct arena *arena, const struct xml_node **ret,
		  struct err *err)
{
	struct builder b = { .arena = arena };
	int r;

	if (s->len > XML_FILE_MAX)
		return err_set(err, EFBIG, "%s", s->path);
	b.parser = XML_ParserCreate("UTF-8"); /* whatever its first line says */
	if (!b.parser)
		return err_set(err, ENOMEM, "%s", s->path);
	r = parse(&b, s, err);
	XML_ParserFree(b.parser);
	if (r == 0)
		*ret = b.root;
	return r;
}

const struct xml_node *xml_tree_find(const struct xml_node *parent, const char *name)
{
	const struct xml_node *n = parent ? parent->first : NULL;

	while (n && strcmp(n->name, name) != 0)
		n = n->next;
	return n;
}

const struct xml_node *xml_tree_next(const struct xml_node *node)
{
	const struct xml_node *n = node->next;

	while (n && strcmp(n->name, node->name) != 0)
		n = n->next;
	return n;
}

const char *xml_tree_attribute(const struct xml_node *node, const char *name)
{
	for (size_t i = 0; node && node->attributes[i]; i += 2)
		if (!strcmp(node->attributes[i], name))
			return node->attributes[i + 1];
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML that a stranger wrote (problem packages): a bounded tree of elements and attributes in the arena; of text, what
 * stands in elements without children.  Refused, with path and line: a DOCTYPE (so no entity is ever declared), more than
 * XML_TREE_DEPTH levels, XML_TREE_NODES elements or XML_FILE_MAX bytes, encodings other than UTF-8.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define XML_FILE_MAX (4u << 20)
#define XML_TREE_DEPTH 32
#define XML_TREE_NODES 50000

struct xml_node {
	const char *name;
	const char *const *attributes; /* name, value, …, NULL */
	const char *text;	       /* "" where it has children */
	size_t line;
	struct xml_node *first, *last, *next;
};

struct xml_source {
	const char *path, *text; /* path: for messages */
	size_t len;
};

/* 0, or a negative errno: -EINVAL, *err says where and which rule. */
int xml_tree_read(const struct xml_source *s, struct arena *arena, const struct xml_node **ret,
		  struct err *err);
/* The first child of that name; NULL where there is none, or where `parent` is NULL. */
const struct xml_node *xml_tree_find(const struct xml_node *parent, const char *name);
/* The next sibling of the same name. */
const struct xml_node *xml_tree_next(const struct xml_node *node);
/* NULL where it has none. */
const char *xml_tree_attribute(const struct xml_node *node, const char *name);
/* "path:line: name: rule"; returns -EINVAL. */
int xml_tree_broken(struct err *err, const struct xml_source *s, const struct xml_node *node,
		    const char *rule);

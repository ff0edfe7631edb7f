/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML that a stranger wrote and whose keys nobody can list (problem packages): a bounded tree in the arena.
 * Refused, with path, line and column: aliases (so no bomb grows), doubled keys, keys that are no scalars, NUL,
 * a second document, more than YAML_TREE_DEPTH levels or YAML_TREE_NODES nodes, more than YAML_FILE_MAX bytes.
 */
#pragma once

#include <stdbool.h>

#include "codec/yaml_read.h"

#define YAML_TREE_DEPTH 16
#define YAML_TREE_NODES 10000

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	const char *key;   /* in a map, else NULL */
	const char *value; /* of a scalar, UTF-8; "" where nothing stands */
	bool plain; /* a scalar without quotes: null, true and numbers are what they look like */
	size_t line, column;
	struct yaml_node *first, *last, *next; /* children; the next sibling */
};

/* An empty text is an empty map. 0, or a negative errno: -EINVAL, *err says where and which rule. */
int yaml_tree_read(const struct yaml_source *s, struct arena *arena, const struct yaml_node **ret,
		   struct err *err);
/* NULL where there is none, where it is null, or where `map` is NULL or no map. */
const struct yaml_node *yaml_tree_find(const struct yaml_node *map, const char *key);
/* "path:line:column: key: rule"; returns -EINVAL. */
int yaml_tree_broken(struct err *err, const struct yaml_source *s, const struct yaml_node *node,
		     const char *rule);

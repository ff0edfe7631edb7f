/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own YAML files: strict, small, broken ones refused with path, line and column.  All return 0 or a negative
 * errno; -EINVAL: the text breaks a rule, *err says where and which.
 */
#pragma once

#include <cyaml/cyaml.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define YAML_FILE_MAX 65536
#define YAML_WORD_MAX 4096

struct yaml_source {
	const char *path, *text; /* path: for messages */
	size_t len;
};

/* What the schema makes of it, in the arena. ret_len: for a schema that is a sequence, else NULL. */
int yaml_read(const struct yaml_source *s, const cyaml_schema_value_t *schema, struct arena *arena,
	      void **ret, unsigned *ret_len, struct err *err);
/* What no schema can say: a top-level key breaks a rule. Returns -EINVAL. */
int yaml_broken_key(struct err *err, const struct yaml_source *s, const char *key,
		    const char *rule);

/* SPDX-License-Identifier: Apache-2.0 */
/* See limits.h: everything comes from the one table there. */
#include "model/limits.h"

#define ROW(field, def, cap, doc) { #field, offsetof(struct limits, field), def, cap, doc },
const struct limit_info limit_table[] = { LIMITS(ROW) };
const size_t limit_table_len = sizeof(limit_table) / sizeof(limit_table[0]);

#define DEFAULT(field, def, cap, doc) .field = def,
#define CAP(field, def, cap, doc) .field = cap,
const struct limits limits_default = { LIMITS(DEFAULT) };
const struct limits limits_cap = { LIMITS(CAP) };

void limits_overlay(struct limits *base, const struct limits *over)
{
	for (size_t i = 0; i < limit_table_len; i++) {
		uint64_t v = *limits_at((struct limits *)over, &limit_table[i]);

		if (v)
			*limits_at(base, &limit_table[i]) = v;
	}
}

const struct limit_info *limits_over_cap(const struct limits *l, const struct limits *cap)
{
	for (size_t i = 0; i < limit_table_len; i++)
		if (*limits_at((struct limits *)l, &limit_table[i]) >
		    *limits_at((struct limits *)cap, &limit_table[i]))
			return &limit_table[i];
	return NULL;
}

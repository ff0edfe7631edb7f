/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See language.h.  Names are what people type, so case does not matter; of two endings that both fit
 * a file's name the longer one says more.
 */
#include "model/language.h"

#include <string.h>
#include <strings.h>

const char *const runner_names[RUNNER_KINDS] = { "exec", "python", "node" };

static int list_has(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (strcasecmp(*list, name) == 0)
			return 1;
	return 0;
}

const struct language *language_find(const struct language_set *set, const char *name)
{
	for (size_t i = 0; i < set->len; i++)
		if (strcasecmp(set->langs[i].name, name) == 0 ||
		    list_has(set->langs[i].aliases, name))
			return &set->langs[i];
	return NULL;
}

bool language_env_is_cold(const struct language *l, const char *name)
{
	for (const char *const *p = l->cold_env; p && *p; p++) {
		size_t n = strlen(*p);

		if (n && (*p)[n - 1] == '*' ? strncmp(*p, name, n - 1) == 0 : !strcmp(*p, name))
			return true;
	}
	return false;
}

const struct language *language_by_filename(const struct language_set *set, const char *filename)
{
	const char *slash = strrchr(filename, '/'), *base = slash ? slash + 1 : filename;
	const struct language *found = NULL;
	size_t len = strlen(base), longest = 0;

	for (size_t i = 0; i < set->len; i++)
		for (const char *const *e = set->langs[i].extensions; e && *e; e++) {
			size_t n = strlen(*e);

			if (n <= longest || len <= n || strcmp(base + len - n, *e) != 0)
				continue;
			longest = n;
			found = &set->langs[i];
		}
	return found;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See installed.h.  Looked at once, at the start: a package that comes later is found by the next start, or by a service that
 * is told to read its files again.  Nothing is run for it; that a language works is what `languages --test` finds out.
 */
#include "app/installed.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/tree.h"

/* In one of the directories of every tree, or of those that the language brings. */
static bool boxes_see(const struct language *l, const char *path)
{
	if (tree_has(path))
		return true;
	for (size_t i = 0; l->tree && l->tree[i]; i++) {
		size_t n = strcspn(l->tree[i], ":");

		if (strncmp(path, l->tree[i], n) == 0 && (path[n] == '/' || !path[n]))
			return true;
	}
	return false;
}

static const char *first_missing(const struct language *l)
{
	const char *const *argvs[] = { l->version_argv, l->compile_argv, l->run_argv };

	for (size_t i = 0; i < ARRAY_SIZE(argvs); i++) {
		const char *program = argvs[i] ? argvs[i][0] : "";

		if (program[0] == '/' && (!boxes_see(l, program) || access(program, X_OK) < 0))
			return program;
	}
	for (const char *const *path = l->needs; path && *path; path++)
		if (!boxes_see(l, *path) || access(*path, F_OK) < 0)
			return *path;
	for (const char *const *path = l->tree; path && *path; path++) {
		char host[PATH_MAX];

		snprintf(host, sizeof(host), "%.*s", (int)strcspn(*path, ":"), *path);
		if (access(host, F_OK) < 0)
			return *path;
	}
	return NULL;
}

/* Of a tree of one's own only the programs are looked for: what else they need is the tree's maker's to know. */
static const char *missing_in_tree(const struct language *l, const struct tree_place *tree)
{
	const char *const own[] = { l->version_argv[0],
				    l->compile_argv ? l->compile_argv[0] : l->run_argv[0],
				    l->run_argv[0] };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (own[i][0] == '/' && !place_has(tree, own[i]))
			return own[i];
	return NULL;
}

static const char *join(struct arena *arena, const char *const *words)
{
	const char *all = "";

	for (size_t i = 0; all && words && words[i]; i++)
		all = arena_printf(arena, "%s%s%s", all, i ? " " : "", words[i]);
	return all;
}

/* NULL: out of memory. */
static const char *why_absent(const struct language *l, const char *missing, struct arena *arena)
{
	const char *packages = join(arena, l->packages);

	if (!packages)
		return NULL;
	if (!*packages)
		return arena_printf(arena, "there is no %s", missing);
	return arena_printf(arena, "there is no %s; Debian has it in %s", missing, packages);
}

int installed_mark(struct language_set *set, const struct tree_place *tree, struct arena *arena,
		   struct err *err)
{
	struct language *langs = arena_alloc_array(arena, set->len, sizeof(*langs));

	if (!langs)
		return err_set(err, ENOMEM, "look for the languages");
	for (size_t i = 0; i < set->len; i++) {
		const struct language *l = &set->langs[i];
		const char *missing = tree ? missing_in_tree(l, tree) : first_missing(l);

		langs[i] = set->langs[i];
		if (!missing)
			continue;
		langs[i].absent = why_absent(&langs[i], missing, arena);
		if (!langs[i].absent)
			return err_set(err, ENOMEM, "look for the languages");
	}
	set->langs = langs;
	return 0;
}

int installed_agree(struct language_set *set, const bool *absent, struct arena *arena,
		    struct err *err)
{
	struct language *langs = arena_alloc_array(arena, set->len, sizeof(*langs));

	if (!langs)
		return err_set(err, ENOMEM, "look for the languages");
	for (size_t i = 0; i < set->len; i++) {
		langs[i] = set->langs[i];
		if (!absent[i])
			langs[i].absent = NULL;
		else if (!langs[i].absent)
			langs[i].absent = "its programs are not there";
	}
	set->langs = langs;
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int installed_tree(const struct language_set *set, struct arena *arena, const char *const **ret,
		   struct err *err)
{
	const char **paths =
		arena_alloc_array(arena, set->len * LANGUAGE_LIST_MAX + 1, sizeof(*paths));
	size_t n = 0, kept = 0;

	if (!paths)
		return err_set(err, ENOMEM, "list the languages' paths");
	for (size_t i = 0; i < set->len; i++)
		for (size_t k = 0; set->langs[i].tree && set->langs[i].tree[k]; k++)
			if (!set->langs[i].absent)
				paths[n++] = set->langs[i].tree[k];
	qsort(paths, n, sizeof(*paths), by_text);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(paths[kept - 1], paths[i]) != 0)
			paths[kept++] = paths[i];
	paths[kept] = NULL;
	*ret = paths;
	return 0;
}

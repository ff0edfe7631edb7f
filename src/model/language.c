/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See language.h.  Names are what people type, so case does not matter; of two endings that both fit
 * a file's name the longer one says more.
 */
#include "model/language.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

const char *const runner_names[RUNNER_KINDS] = { "exec", "python", "node" };

/* What somebody called it: a name, and behind an @ a release. */
struct called {
	const char *name, *release; /* release: NULL where none is asked for */
	size_t len;
};

static struct called called(const char *name)
{
	const char *at = strchr(name, '@');

	return (struct called){ name, at ? at + 1 : NULL, at ? (size_t)(at - name) : strlen(name) };
}

/* Of some hundred names nearly all differ in their first letter, by more than its case. */
static bool is_name(const char *own, const struct called *c)
{
	return !((own[0] ^ c->name[0]) & ~0x20) && strncasecmp(own, c->name, c->len) == 0 &&
	       own[c->len] == '\0';
}

static bool is_called(const struct language *l, const struct called *c)
{
	if (is_name(l->name, c))
		return true;
	for (const char *const *alias = l->aliases; alias && *alias; alias++)
		if (is_name(*alias, c))
			return true;
	return false;
}

static bool is(const struct language *l, const struct called *c)
{
	return is_called(l, c) &&
	       (!c->release || (l->release && strcasecmp(l->release, c->release) == 0));
}

/* Whether `l` is to be taken instead of `other`: it is offered and the other is not, or it is the higher release. */
static bool is_better(const struct language *l, const struct language *other)
{
	if (!other || !l->absent != !other->absent)
		return !other || !l->absent;
	return strverscmp(l->release ? l->release : "", other->release ? other->release : "") > 0;
}

bool language_is(const struct language *l, const char *name)
{
	const struct called c = called(name);

	return is(l, &c);
}

const struct language *language_find(const struct language_set *set, const char *name)
{
	const struct called c = called(name);
	const struct language *found = NULL;

	for (size_t i = 0; i < set->len; i++)
		if (is(&set->langs[i], &c) && is_better(&set->langs[i], found))
			found = &set->langs[i];
	return found;
}

void language_drop(struct language_use *use)
{
	if (--use->holders == 0)
		use->last(use->user);
}

static void drop(void *user)
{
	language_drop(user);
}

int language_hold(const struct language_set *set, struct arena *arena)
{
	if (!set->use)
		return 0;
	if (arena_at_end(arena, drop, set->use) < 0)
		return -ENOMEM;
	set->use->holders++;
	return 0;
}

bool language_is_offered(const struct language_set *set, const struct language *l)
{
	for (size_t i = 0; i < set->len; i++) {
		const struct language *other = &set->langs[i];

		if (strcmp(language_id(other), language_id(l)) == 0)
			return !other->absent && other->file.len == l->file.len &&
			       (!l->file.len ||
				memcmp(other->file.data, l->file.data, l->file.len) == 0);
	}
	return false;
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

			if (n < longest || len <= n || strcmp(base + len - n, *e) != 0)
				continue;
			if (n == longest && !is_better(&set->langs[i], found))
				continue;
			longest = n;
			found = &set->langs[i];
		}
	return found;
}

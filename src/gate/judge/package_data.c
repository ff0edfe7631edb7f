/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test data of an ICPC package: data/sample and data/secret, folders in folders, in the order of their names.  A test is an
 * input with its answer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/judge/package_parts.h"

#define DATA "data/"

static bool ends_with(const char *path, const char *ending)
{
	size_t n = strlen(path), k = strlen(ending);

	return n > k && !strcmp(path + n - k, ending);
}

/* A name that is another one's beginning comes first, and so does what lies in a folder of that name. */
int package_name_order(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == '/' || *b == '/')
		return *a == '/' ? (*b ? -1 : 1) : (*a ? 1 : -1);
	return (unsigned char)*a - (unsigned char)*b;
}

static int by_name(const void *a, const void *b)
{
	return package_name_order(((const struct package_test *)a)->name,
				  ((const struct package_test *)b)->name);
}

static int refuse_extra(struct package *p, const struct folder_file *f, struct refusal *refusal)
{
	if (!ends_with(f->path, ".args") && !strstr(f->path, ".files/"))
		return 0;
	return folder_refuse(p->folder, f->path, refusal,
			     "is not supported: a test is an input and its answer");
}

/* "data/secret/g/1.in": its partner has another ending. */
static int find_partner(struct package *p, const struct folder_file *f, const char *ending,
			struct folder_file **ret, struct refusal *refusal)
{
	int stem = (int)(strrchr(f->path, '.') - f->path);
	const char *path = arena_printf(p->arena, "%.*s%s", stem, f->path, ending);

	if (!path)
		return -ENOMEM;
	*ret = folder_find(p->folder, path);
	return *ret ? 0 : folder_refuse(p->folder, path, refusal, "is missing beside %s", f->path);
}

static int add_test(struct package *p, struct folder_file *in, struct folder_file *ans,
		    struct refusal *refusal)
{
	struct package_test *t = &p->tests[p->ntests++];
	const char *name = in->path + strlen(DATA), *folder;
	const struct package_group *group;
	int r;

	t->name = arena_strndup(p->arena, name, strlen(name) - strlen(".in"));
	folder = arena_strndup(p->arena, name, (size_t)(strrchr(name, '/') - name));
	if (!t->name || !folder)
		return -ENOMEM;
	r = package_group_find(p, folder, &group, refusal);
	if (r != 0)
		return r;
	t->compare = &group->compare;
	r = folder_read(p->folder, in, &t->input, refusal);
	return r == 0 ? folder_read(p->folder, ans, &t->answer, refusal) : r;
}

static int take_file(struct package *p, struct folder_file *f, struct refusal *refusal)
{
	struct folder_file *other = NULL;
	int r = refuse_extra(p, f, refusal);

	if (r == 0 && ends_with(f->path, ".ans"))
		return find_partner(p, f, ".in", &other, refusal);
	if (r != 0 || !ends_with(f->path, ".in"))
		return r;
	r = find_partner(p, f, ".ans", &other, refusal);
	return r == 0 ? add_test(p, f, other, refusal) : r;
}

int package_icpc_tests(struct package *p, struct refusal *refusal)
{
	int r = 0;

	p->tests = arena_alloc_array(p->arena, p->folder->len + 1, sizeof(*p->tests));
	if (!p->tests)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < p->folder->len; i++)
		if (!strncmp(p->folder->files[i].path, DATA, strlen(DATA)))
			r = take_file(p, &p->folder->files[i], refusal);
	if (r == 0 && p->ntests == 0)
		r = folder_refuse(p->folder, "data", refusal,
				  "holds no test: data/sample and data/secret have no *.in");
	if (r == 0 && p->ntests > REQUEST_TESTS_MAX)
		r = folder_refuse(p->folder, "data", refusal, "holds more than %d tests",
				  REQUEST_TESTS_MAX);
	if (r == 0)
		qsort(p->tests, p->ntests, sizeof(*p->tests), by_name);
	return r;
}

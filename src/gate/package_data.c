/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test data of an ICPC package: data/sample and data/secret, folders in folders, in the order of their paths.  A test is an
 * input with its answer; flags of the validator come from problem.yaml and from the innermost group that says any.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/yaml_tree.h"
#include "gate/package_parts.h"

#define GROUP_FILES 2

static const char *const group_files[GROUP_FILES] = { "testdata.yaml", "test_group.yaml" };
/* In the same order: what the flags are called in it. */
static const char *const flag_keys[GROUP_FILES] = { "output_validator_flags",
						    "output_validator_args" };

static bool ends_with(const char *path, const char *ending)
{
	size_t n = strlen(path), k = strlen(ending);

	return n > k && !strcmp(path + n - k, ending);
}

/* All words of a scalar or of a list, "" where there are none; NULL without memory. */
static const char *join(struct package *p, const struct yaml_node *n)
{
	const char *all = "";

	if (n->kind == YAML_SCALAR)
		return n->value;
	for (const struct yaml_node *w = n->first; w && all; w = w->next)
		all = arena_printf(p->arena, "%s %s", all, w->value);
	return all;
}

/* *ret is NULL where this group says nothing. */
static int read_group_flags(struct package *p, const char *path, const char *key, const char **ret,
			    struct refusal *refusal)
{
	struct yaml_source source = { .path = path };
	const struct yaml_node *root = NULL, *n;
	struct err err = ERR_INIT;
	struct text text;
	int r = package_text(p, path, &text, refusal);

	if (r != 0 || !text.data)
		return r;
	source.text = text.data;
	source.len = text.len;
	r = yaml_tree_read(&source, p->arena, &root, &err);
	n = r == 0 ? yaml_tree_find(root, key) : NULL;
	if (n && n->kind == YAML_MAP)
		r = yaml_tree_broken(&err, &source, n, "must be a word or a list of words");
	if (r < 0)
		return package_refuse_err(p, r, &err, path, refusal);
	*ret = n ? join(p, n) : NULL;
	return n && !*ret ? -ENOMEM : 0;
}

/* The flags of the innermost folder that has any, from `dir` up to data. */
static int find_flags(struct package *p, const char *dir, const char **ret, const char **ret_where,
		      struct refusal *refusal)
{
	size_t len = strlen(dir);
	int r = 0;

	*ret = NULL;
	while (r == 0 && !*ret && len > 0) {
		for (size_t i = 0; r == 0 && !*ret && i < GROUP_FILES; i++) {
			*ret_where =
				arena_printf(p->arena, "%.*s/%s", (int)len, dir, group_files[i]);
			if (!*ret_where)
				return -ENOMEM;
			r = read_group_flags(p, *ret_where, flag_keys[i], ret, refusal);
		}
		while (len > 0 && dir[len - 1] != '/')
			len--;
		len -= len > 0;
	}
	return r;
}

/* A group's own comparison; the package's where it says nothing. */
static int find_compare(struct package *p, const char *dir, const struct compare_spec **ret,
			struct refusal *refusal)
{
	const char *flags, *where = "", *all;
	struct compare_spec *spec;
	int r = find_flags(p, dir, &flags, &where, refusal);

	*ret = &p->compare;
	if (r != 0 || !flags)
		return r;
	spec = arena_alloc(p->arena, sizeof(*spec));
	all = arena_printf(p->arena, "%s %s", p->flags, flags);
	if (!spec || !all)
		return -ENOMEM;
	*ret = spec;
	return package_flags_parse(p, where, all, spec, refusal);
}

struct data {
	struct package *p;
	struct refusal *refusal;
	const char *dir; /* of the last test: its comparison is known */
	const struct compare_spec *compare;
};

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

static int add_test(struct data *d, struct folder_file *in, struct folder_file *ans)
{
	struct package *p = d->p;
	struct package_test *t = &p->tests[p->ntests];
	size_t dir_len = (size_t)(strrchr(in->path, '/') - in->path);
	int r = 0;

	if (!d->dir || strlen(d->dir) != dir_len || strncmp(d->dir, in->path, dir_len) != 0) {
		d->dir = arena_strndup(p->arena, in->path, dir_len);
		r = d->dir ? find_compare(p, d->dir, &d->compare, d->refusal) : -ENOMEM;
	}
	if (r != 0)
		return r;
	*t = (struct package_test){ .compare = d->compare };
	t->name = arena_strndup(p->arena, in->path + strlen("data/"),
				strlen(in->path) - strlen("data/") - strlen(".in"));
	if (!t->name)
		return -ENOMEM;
	r = folder_read(p->folder, in, &t->input, d->refusal);
	if (r == 0)
		r = folder_read(p->folder, ans, &t->answer, d->refusal);
	p->ntests++;
	return r;
}

int package_icpc_tests(struct package *p, struct refusal *refusal)
{
	struct data d = { .p = p, .refusal = refusal };
	int r = 0;

	p->tests = arena_alloc_array(p->arena, p->folder->len + 1, sizeof(*p->tests));
	if (!p->tests)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < p->folder->len; i++) {
		struct folder_file *f = &p->folder->files[i], *other = NULL;

		if (strncmp(f->path, "data/", 5) != 0)
			continue;
		r = refuse_extra(p, f, refusal);
		if (r == 0 && ends_with(f->path, ".ans"))
			r = find_partner(p, f, ".in", &other, refusal);
		else if (r == 0 && ends_with(f->path, ".in")) {
			r = find_partner(p, f, ".ans", &other, refusal);
			if (r == 0)
				r = add_test(&d, f, other);
		}
	}
	if (r == 0 && p->ntests == 0)
		r = folder_refuse(p->folder, "data", refusal,
				  "holds no test: data/sample and data/secret have no *.in");
	if (r == 0 && p->ntests > REQUEST_TESTS_MAX)
		r = folder_refuse(p->folder, "data", refusal, "holds more than %d tests",
				  REQUEST_TESTS_MAX);
	return r;
}

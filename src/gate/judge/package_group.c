/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of tests: testdata.yaml (test_group.yaml) of a folder below data.  What a group does not say is what the one around it
 * says, as the tools that packages are made with have it.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/yaml_tree.h"
#include "gate/judge/package_parts.h"

struct reader {
	struct package *p;
	struct package_group *group;
	struct yaml_source source;
	const struct yaml_node *root;
	struct refusal *refusal;
};

static int refuse(struct reader *r, const struct yaml_node *n, const char *rule)
{
	struct err err = ERR_INIT;

	return package_refuse_err(r->p, yaml_tree_broken(&err, &r->source, n, rule), &err,
				  r->source.path, r->refusal);
}

/* All words of a scalar or of a list, *ret untouched where there are none. */
static int read_words(struct reader *r, const char *key, const char **ret)
{
	const struct yaml_node *n = yaml_tree_find(r->root, key);
	const char *all = "";

	if (!n)
		return 0;
	if (n->kind == YAML_MAP)
		return refuse(r, n, "must be a word or a list of words");
	if (n->kind == YAML_SCALAR)
		all = n->value;
	for (const struct yaml_node *w = n->first; w && all; w = w->next)
		all = arena_printf(r->p->arena, "%s %s", all, w->value);
	*ret = all;
	return all ? 0 : -ENOMEM;
}

static int read_score(struct reader *r, const char *key, double *ret)
{
	const struct yaml_node *n = yaml_tree_find(r->root, key);
	double value;
	char *end;

	if (!n)
		return 0;
	if (n->kind != YAML_SCALAR || !*n->value || n->value[strspn(n->value, "0123456789+-.eE")])
		return refuse(r, n, "must be a number");
	value = strtod(n->value, &end);
	if (*end || !isfinite(value))
		return refuse(r, n, "must be a number");
	*ret = value;
	r->p->graded = true;
	return 0;
}

/* One of two words: whether it is the second. */
static int read_choice(struct reader *r, const char *key, const char *no, const char *yes,
		       const char *rule, bool *ret)
{
	const struct yaml_node *n = yaml_tree_find(r->root, key);

	if (!n)
		return 0;
	if (n->kind != YAML_SCALAR || (strcmp(n->value, no) != 0 && strcmp(n->value, yes) != 0))
		return refuse(r, n, rule);
	*ret = !strcmp(n->value, yes);
	return 0;
}

static bool take_grader_flag(struct package_group *g, const char *flag)
{
	static const char *const scores[] = { "sum", "avg", "min", "max" };
	static const char *const verdicts[] = { "worst_error", "first_error", "always_accept" };

	for (unsigned i = 0; i < ARRAY_SIZE(scores); i++)
		if (!strcmp(flag, scores[i]))
			return g->score = i, true;
	for (unsigned i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (!strcmp(flag, verdicts[i]))
			return g->verdict = i, true;
	g->ignore_sample |= !strcmp(flag, "ignore_sample");
	g->any_accepted |= !strcmp(flag, "accept_if_any_accepted");
	return !strcmp(flag, "ignore_sample") || !strcmp(flag, "accept_if_any_accepted");
}

static int read_grader_flags(struct reader *r)
{
	const char *words = NULL;
	char *rest, *save = NULL;
	int rc = read_words(r, "grader_flags", &words);

	if (rc != 0 || !words)
		return rc;
	rest = arena_strndup(r->p->arena, words, strlen(words));
	if (!rest)
		return -ENOMEM;
	r->group->score = PACKAGE_SUM;
	r->group->verdict = PACKAGE_WORST;
	r->group->ignore_sample = r->group->any_accepted = false;
	r->p->graded = true;
	for (char *w = strtok_r(rest, " \t\r\n", &save); w; w = strtok_r(NULL, " \t\r\n", &save))
		if (!take_grader_flag(r->group, w))
			return folder_refuse(
				r->p->folder, r->source.path, r->refusal,
				"grader_flags: \"%.60s\" is no flag of the default grader", w);
	return 0;
}

static int read_grading(struct reader *r)
{
	bool custom = false, was = r->group->go_on;
	int rc = read_choice(r, "on_reject", "break", "continue", "must be break or continue",
			     &r->group->go_on);

	r->p->graded |= r->group->go_on && !was;
	if (rc == 0)
		rc = read_choice(r, "grading", "default", "custom", "must be default or custom",
				 &custom);
	if (rc == 0 && custom)
		rc = refuse(r, yaml_tree_find(r->root, "grading"),
			    "graders of a package's own are not supported");
	if (rc == 0)
		rc = read_score(r, "accept_score", &r->group->accept_score);
	if (rc == 0)
		rc = read_score(r, "reject_score", &r->group->reject_score);
	return rc == 0 ? read_grader_flags(r) : rc;
}

/* `flags` is what this file calls those of the validator. */
static int read_file(struct package *p, struct package_group *g, const char *file,
		     const char *flags, struct refusal *refusal)
{
	struct reader r = { .p = p, .group = g, .refusal = refusal };
	struct err err = ERR_INIT;
	struct text text;
	int rc;

	r.source.path = arena_printf(p->arena, "data%s%s/%s", *g->path ? "/" : "", g->path, file);
	if (!r.source.path)
		return -ENOMEM;
	rc = package_text(p, r.source.path, &text, refusal);
	if (rc != 0 || !text.data)
		return rc;
	r.source.text = text.data;
	r.source.len = text.len;
	rc = yaml_tree_read(&r.source, p->arena, &r.root, &err);
	if (rc < 0 || !r.root)
		return package_refuse_err(p, rc, &err, r.source.path, refusal);
	rc = read_words(&r, flags, &g->flags);
	if (rc == 0 && g->flags)
		rc = package_flags_group(p, g, r.source.path, refusal);
	return rc == 0 ? read_grading(&r) : rc;
}

static int make(struct package *p, const char *path, const struct package_group *parent,
		struct package_group **ret, struct refusal *refusal)
{
	struct package_group *g = arena_alloc(p->arena, sizeof(*g));
	int r;

	if (!g)
		return -ENOMEM;
	*g = parent ? *parent : (struct package_group){ .accept_score = 1, .compare = p->compare };
	g->path = path;
	g->next = p->groups;
	g->flags = NULL;
	g->ignore_sample = false; /* the root's alone */
	p->groups = *ret = g;
	r = read_file(p, g, "testdata.yaml", "output_validator_flags", refusal);
	return r == 0 ? read_file(p, g, "test_group.yaml", "output_validator_args", refusal) : r;
}

int package_group_find(struct package *p, const char *path, const struct package_group **ret,
		       struct refusal *refusal)
{
	const struct package_group *parent = NULL;
	const char *slash = strrchr(path, '/'), *kept;
	struct package_group *made;
	int r = 0;

	for (const struct package_group *g = p->groups; g; g = g->next)
		if (!strcmp(g->path, path)) {
			*ret = g;
			return 0;
		}
	kept = arena_strndup(p->arena, path, slash ? (size_t)(slash - path) : 0);
	if (!kept)
		return -ENOMEM;
	if (*path)
		r = package_group_find(p, kept, &parent, refusal);
	if (r == 0)
		r = make(p, path, parent, &made, refusal);
	if (r == 0)
		*ret = made;
	return r;
}

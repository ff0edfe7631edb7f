/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem.xml, as Polygon writes it: one test set with its limits and the patterns of its files, a checker, solutions with tags.
 * Paths in it are looked up among the files that were found beneath the folder: one that leads elsewhere is simply not there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "codec/xml_tree.h"
#include "gate/judge/package_parts.h"

#define PROBLEM "problem.xml"
#define TIME_MS_MAX 3600000u

struct reader {
	struct package *p;
	struct xml_source source;
	const struct xml_node *root, *set; /* set: the tests */
	struct refusal *refusal;
};

static int refuse(struct reader *r, const struct xml_node *n, const char *rule)
{
	struct err err = ERR_INIT;

	return package_refuse_err(r->p, xml_tree_broken(&err, &r->source, n, rule), &err, PROBLEM,
				  r->refusal);
}

/* Attributes of the first `name` below `parent` that have to be there. */
static int need(struct reader *r, const struct xml_node *parent, const char *name,
		const struct xml_node **ret)
{
	char rule[64];

	*ret = xml_tree_find(parent, name);
	if (*ret)
		return 0;
	snprintf(rule, sizeof(rule), "holds no %s", name);
	return refuse(r, parent, rule);
}

static int read_number(struct reader *r, const char *name, uint64_t max, uint64_t *ret)
{
	const struct xml_node *n = xml_tree_find(r->set, name);
	uint64_t value;

	*ret = 0;
	if (!n)
		return 0;
	if (parse_u64(n->text, &value) < 0 || value < 1 || value > max)
		return refuse(r, n, "must be a whole number from 1, and not that large");
	*ret = value;
	return 0;
}

static int read_limits(struct reader *r)
{
	struct package_limits *l = &r->p->limits;
	uint64_t memory_bytes = 0;
	int rc = read_number(r, "time-limit", TIME_MS_MAX, &l->time_ms);

	if (rc == 0)
		rc = read_number(r, "memory-limit", 1ull << 40, &memory_bytes);
	l->memory_kb = (memory_bytes + 1023) / 1024;
	l->time_multiplier = 5;
	return rc;
}

/* ---- tests ---- */

/* "tests/%02d.a" with a number in it; the only thing that a pattern may hold is one %d. */
static int expand(struct reader *r, const struct xml_node *pattern, unsigned number,
		  const char **ret)
{
	const char *at = strchr(pattern->text, '%'), *end = at ? at + 1 : NULL;
	bool zeros = end && *end == '0';
	unsigned width = 0;

	while (end && *end >= '0' && *end <= '9' && width < 100)
		width = 10 * width + (unsigned)(*end++ - '0');
	if (!end || *end != 'd' || strchr(end, '%') || width > 9)
		return refuse(r, pattern,
			      "must be a path with one number in it, such as tests/%02d");
	*ret = zeros ? arena_printf(r->p->arena, "%.*s%0*u%s", (int)(at - pattern->text),
				    pattern->text, (int)width, number, end + 1)
		     : arena_printf(r->p->arena, "%.*s%*u%s", (int)(at - pattern->text),
				    pattern->text, (int)width, number, end + 1);
	return *ret ? 0 : -ENOMEM;
}

static int read_file(struct reader *r, const char *path, struct text *ret)
{
	int rc = package_text(r->p, path, ret, r->refusal);

	if (rc == 0 && !ret->data)
		return folder_refuse(r->p->folder, path, r->refusal,
				     "is missing; only Polygon's full packages hold every test");
	return rc;
}

static int add_test(struct reader *r, const struct xml_node *input, const struct xml_node *answer,
		    unsigned number)
{
	struct package_test *t = &r->p->tests[r->p->ntests++];
	const char *answer_path = NULL;
	int rc = expand(r, input, number, &t->name);

	t->compare = &r->p->compare;
	if (rc == 0)
		rc = expand(r, answer, number, &answer_path);
	if (rc == 0)
		rc = read_file(r, t->name, &t->input);
	return rc == 0 ? read_file(r, answer_path, &t->answer) : rc;
}

static int read_tests(struct reader *r)
{
	const struct xml_node *input, *answer;
	uint64_t n = 0;
	int rc = need(r, r->set, "input-path-pattern", &input);

	if (rc == 0)
		rc = need(r, r->set, "answer-path-pattern", &answer);
	if (rc == 0)
		rc = read_number(r, "test-count", REQUEST_TESTS_MAX, &n);
	if (rc != 0)
		return rc;
	if (n == 0)
		return refuse(r, r->set, "has no test-count");
	r->p->tests = arena_alloc_array(r->p->arena, n, sizeof(*r->p->tests));
	if (!r->p->tests)
		return -ENOMEM;
	for (unsigned i = 1; rc == 0 && i <= n; i++)
		rc = add_test(r, input, answer, i);
	return rc;
}

/* In the place of stdin or stdout; empty: it is not asked for. */
static int read_file_name(struct reader *r, const struct xml_node *judging, const char *attribute,
			  const char **ret)
{
	const char *name = xml_tree_attribute(judging, attribute);

	if (!name || !*name || !strcmp(name, "stdin") || !strcmp(name, "stdout"))
		return 0;
	if (taken_path_fault(name) || strchr(name, '/'))
		return refuse(r, judging, "input-file and output-file must be single file names");
	*ret = arena_strndup(r->p->arena, name, strlen(name));
	return *ret ? 0 : -ENOMEM;
}

/* The set called tests, else the first. */
static int find_set(struct reader *r)
{
	const struct xml_node *judging;
	int rc = need(r, r->root, "judging", &judging);

	if (rc == 0)
		rc = need(r, judging, "testset", &r->set);
	for (const struct xml_node *s = r->set; rc == 0 && s; s = xml_tree_next(s)) {
		const char *name = xml_tree_attribute(s, "name");

		if (name && !strcmp(name, "tests"))
			r->set = s;
	}
	if (rc == 0)
		rc = read_file_name(r, judging, "input-file", &r->p->input_file);
	if (rc == 0)
		rc = read_file_name(r, judging, "output-file", &r->p->output_file);
	return rc;
}

/* ---- the checker ---- */

/* Polygon's own checkers that a comparison equals. */
static const struct {
	const char *name;
	struct compare_spec compare;
} standard_checkers[] = {
	{ "std::wcmp.cpp", { COMPARE_ICPC, -1, -1, { true, false } } },
	{ "std::ncmp.cpp", { COMPARE_ICPC, -1, -1, { true, false } } },
	{ "std::hcmp.cpp", { COMPARE_ICPC, -1, -1, { true, false } } },
	{ "std::icmp.cpp", { COMPARE_ICPC, -1, -1, { true, false } } },
	{ "std::yesno.cpp", { COMPARE_ICPC, -1, -1, { false, false } } },
	{ "std::nyesno.cpp", { COMPARE_ICPC, -1, -1, { false, false } } },
	{ "std::rcmp4.cpp", { COMPARE_ICPC, 1e-4, 1e-4, { true, false } } },
	{ "std::rcmp6.cpp", { COMPARE_ICPC, 1e-6, 1e-6, { true, false } } },
	{ "std::rcmp9.cpp", { COMPARE_ICPC, 1e-9, 1e-9, { true, false } } },
};

static bool is_standard(struct reader *r, const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(standard_checkers); i++)
		if (!strcmp(name, standard_checkers[i].name)) {
			r->p->compare = standard_checkers[i].compare;
			return true;
		}
	return false;
}

static bool is_header(const struct folder_file *f)
{
	const char *dot = strrchr(f->path, '.');

	return dot && (!strcmp(dot, ".h") || !strcmp(dot, ".hpp") || !strcmp(dot, ".hh")) &&
	       !strncmp(f->path, "files/", 6);
}

/* Told here rather than by a compiler, for each submission. */
static int need_testlib(struct reader *r, struct folder_file *source)
{
	static const char name[] = "\"testlib.h\"";
	struct text text;
	int rc = folder_read(r->p->folder, source, &text, r->refusal);

	if (rc != 0 || folder_find(r->p->folder, "files/testlib.h") ||
	    !memmem(text.data, text.len, name, strlen(name)))
		return rc;
	return folder_refuse(r->p->folder, "files/testlib.h", r->refusal,
			     "is missing, though %s includes it", source->path);
}

/* The source, and every header of the package beside it. */
static int take_program(struct reader *r, struct folder_file *source, struct package_checker *c)
{
	struct folder *folder = r->p->folder;

	c->there = true;
	c->protocol = CHECKER_TESTLIB;
	c->program = (struct package_program){ .path = source->path, .folder = folder };
	c->program.files =
		arena_alloc_array(r->p->arena, folder->len, sizeof(struct folder_file *));
	c->args = arena_alloc_array(r->p->arena, 1, sizeof(*c->args));
	if (!c->program.files || !c->args)
		return -ENOMEM;
	c->program.files[c->program.nfiles++] = source;
	for (size_t i = 0; i < folder->len; i++)
		if (is_header(&folder->files[i]))
			c->program.files[c->program.nfiles++] = &folder->files[i];
	return need_testlib(r, source);
}

/* As its element says, else check.* beside problem.xml; without either, words are compared. */
static int find_checker(struct reader *r, const struct xml_node *checker)
{
	const char *path = xml_tree_attribute(xml_tree_find(checker, "source"), "path");
	struct folder *folder = r->p->folder;
	struct folder_file *source = path ? folder_find(folder, path) : NULL;

	for (size_t i = 0; !path && !source && i < folder->len; i++)
		if (!strncmp(folder->files[i].path, "check", 5) &&
		    !strchr(folder->files[i].path, '/'))
			source = &folder->files[i];
	if (path && !source)
		return folder_refuse(folder, path, r->refusal,
				     "is missing, though " PROBLEM " names it");
	if (checker && !source)
		return refuse(r, checker, "has no source with a path, and there is no check.cpp");
	return source ? take_program(r, source, &r->p->checker) : 0;
}

/* It talks with the solution, and what it leaves is what the checker, or the comparison, judges. */
static int find_interactor(struct reader *r, const struct xml_node *interactor)
{
	const char *path = xml_tree_attribute(xml_tree_find(interactor, "source"), "path");
	struct folder_file *source = path ? folder_find(r->p->folder, path) : NULL;

	if (!path)
		return refuse(r, interactor, "has no source with a path");
	if (!source)
		return folder_refuse(r->p->folder, path, r->refusal,
				     "is missing, though " PROBLEM " names it");
	return take_program(r, source, &r->p->interactor);
}

static int read_checker(struct reader *r)
{
	const struct xml_node *assets = xml_tree_find(r->root, "assets");
	const struct xml_node *checker = xml_tree_find(assets, "checker");
	const struct xml_node *interactor = xml_tree_find(assets, "interactor");
	int rc;

	r->p->compare = standard_checkers[0].compare;
	if (interactor && (rc = find_interactor(r, interactor)))
		return rc;
	if (checker && is_standard(r, xml_tree_attribute(checker, "name")))
		return 0;
	return find_checker(r, checker);
}

/* ---- solutions ---- */

static const struct {
	const char *tag;
	unsigned promised;
} tags[] = {
	{ "main", PROMISE(ACCEPTED) },
	{ "accepted", PROMISE(ACCEPTED) },
	{ "wrong-answer", PROMISE_WRONG },
	{ "presentation-error", PROMISE_WRONG },
	{ "time-limit-exceeded", PROMISE(TIME_LIMIT) },
	{ "memory-limit-exceeded", PROMISE(MEMORY_LIMIT) },
	{ "time-limit-exceeded-or-accepted", PROMISE(TIME_LIMIT) | PROMISE(ACCEPTED) },
	{ "time-limit-exceeded-or-memory-limit-exceeded",
	  PROMISE(TIME_LIMIT) | PROMISE(MEMORY_LIMIT) },
	{ "failed", PROMISE_REJECTED },
	{ "rejected", PROMISE_REJECTED },
};

static unsigned promise_of(const char *tag)
{
	for (size_t i = 0; tag && i < ARRAY_SIZE(tags); i++)
		if (!strcmp(tag, tags[i].tag))
			return tags[i].promised;
	return 0;
}

static int add_solution(struct reader *r, const struct xml_node *solution, unsigned promised)
{
	const char *path = xml_tree_attribute(xml_tree_find(solution, "source"), "path");
	struct folder_file *file = path ? folder_find(r->p->folder, path) : NULL;
	struct package_submission *s = &r->p->submissions[r->p->nsubmissions];

	if (!path)
		return refuse(r, solution, "has no source with a path");
	if (!file)
		return folder_refuse(r->p->folder, path, r->refusal,
				     "is missing, though " PROBLEM " names it");
	s->promised = promised;
	s->program = (struct package_program){ .path = file->path, .folder = r->p->folder };
	s->program.files = arena_alloc_array(r->p->arena, 1, sizeof(struct folder_file *));
	if (!s->program.files)
		return -ENOMEM;
	s->program.files[s->program.nfiles++] = file;
	r->p->nsubmissions++;
	return 0;
}

/* A solution whose tag promises nothing (do-not-run) is none of ours. */
static int read_solutions(struct reader *r)
{
	const struct xml_node *all = xml_tree_find(xml_tree_find(r->root, "assets"), "solutions");
	const struct xml_node *first = xml_tree_find(all, "solution");
	size_t n = 0;
	int rc = 0;

	for (const struct xml_node *s = first; s; s = xml_tree_next(s))
		n++;
	r->p->submissions = arena_alloc_array(r->p->arena, n + 1, sizeof(*r->p->submissions));
	if (!r->p->submissions)
		return -ENOMEM;
	for (const struct xml_node *s = first; rc == 0 && s; s = xml_tree_next(s)) {
		const char *tag = xml_tree_attribute(s, "tag");
		unsigned promised = promise_of(tag);

		if (promised)
			rc = add_solution(r, s, promised);
		else
			rc = package_add_unpromised(r->p, tag ? tag : "a solution without a tag",
						    tag ? strlen(tag) : 24);
	}
	return rc;
}

static int read_name(struct reader *r)
{
	const struct xml_node *name = xml_tree_find(xml_tree_find(r->root, "names"), "name");
	const char *text = xml_tree_attribute(name, "value");

	if (!text || !*text)
		text = xml_tree_attribute(r->root, "short-name");
	if (text && *text)
		r->p->name = package_printable(r->p, text);
	return r->p->name ? 0 : -ENOMEM;
}

int package_polygon_read(struct package *p, struct refusal *refusal)
{
	struct reader r = { .p = p, .refusal = refusal };
	struct err err = ERR_INIT;
	struct text text;
	int rc = package_text(p, PROBLEM, &text, refusal);

	if (rc != 0)
		return rc;
	r.source = (struct xml_source){ PROBLEM, text.data, text.len };
	rc = xml_tree_read(&r.source, p->arena, &r.root, &err);
	if (rc < 0 || !r.root)
		return package_refuse_err(p, rc, &err, PROBLEM, refusal);
	if (strcmp(r.root->name, "problem") != 0)
		return refuse(&r, r.root, "must be a problem");
	rc = read_name(&r);
	if (rc == 0)
		rc = find_set(&r);
	if (rc == 0)
		rc = read_limits(&r);
	if (rc == 0)
		rc = read_checker(&r);
	if (rc == 0)
		rc = read_tests(&r);
	return rc == 0 ? read_solutions(&r) : rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem.yaml, as ICPC and Kattis have it: the legacy format, and of 2023-07 what is the same or easily told.  Metadata
 * (authors, licences, names in many languages) is nobody's business here; what changes a verdict is read or refused.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/utf8.h"
#include "codec/yaml_tree.h"
#include "gate/judge/package_parts.h"

#define PROBLEM "problem.yaml"
#define MULTIPLIER_DEFAULT 5.0
#define SECONDS_MAX 3600
#define MIB 1048576.0

struct reader {
	struct package *p;
	struct yaml_source source;
	const struct yaml_node *root;
	struct refusal *refusal;
	bool talks; /* the validator, with the submission */
};

static int refuse(struct reader *r, const struct yaml_node *n, const char *rule)
{
	struct err err = ERR_INIT;

	return package_refuse_err(r->p, yaml_tree_broken(&err, &r->source, n, rule), &err, PROBLEM,
				  r->refusal);
}

/* A number above 0; untouched where the key is not there. */
static int read_number(struct reader *r, const struct yaml_node *map, const char *key, double max,
		       double *ret)
{
	const struct yaml_node *n = yaml_tree_find(map, key);
	double value;
	char *end;

	if (!n)
		return 0;
	if (n->kind != YAML_SCALAR || !*n->value || n->value[strspn(n->value, "0123456789+-.eE")])
		return refuse(r, n, "must be a number");
	value = strtod(n->value, &end);
	if (*end || !isfinite(value) || value <= 0 || value > max)
		return refuse(r, n, "must be a number above 0, and not that large");
	*ret = value;
	return 0;
}

static int read_limits(struct reader *r)
{
	const struct yaml_node *limits = yaml_tree_find(r->root, "limits");
	const struct yaml_node *multipliers = yaml_tree_find(limits, "time_multipliers");
	struct package_limits *l = &r->p->limits;
	double seconds = 0, memory = 0, output = 0, code = 0, check_seconds = 0, check_memory = 0;
	int rc;

	if (limits && limits->kind != YAML_MAP)
		return refuse(r, limits, "must be a map");
	l->time_multiplier = MULTIPLIER_DEFAULT;
	rc = read_number(r, limits, "time_multiplier", 1000, &l->time_multiplier);
	if (rc == 0)
		rc = read_number(r, multipliers, "ac_to_time_limit", 1000, &l->time_multiplier);
	if (rc == 0)
		rc = read_number(r, limits, "time_limit", SECONDS_MAX, &seconds);
	if (rc == 0)
		rc = read_number(r, limits, "memory", 1 << 20, &memory);
	if (rc == 0)
		rc = read_number(r, limits, "output", 1 << 20, &output);
	if (rc == 0)
		rc = read_number(r, limits, "code", 1 << 20, &code);
	if (rc == 0)
		rc = read_number(r, limits, "validation_time", SECONDS_MAX, &check_seconds);
	if (rc == 0)
		rc = read_number(r, limits, "validation_memory", 1 << 20, &check_memory);
	l->checker_ms = (uint64_t)ceil(check_seconds * 1000);
	l->checker_kb = (uint64_t)ceil(check_memory * 1024);
	l->time_ms = (uint64_t)ceil(seconds * 1000);
	l->memory_kb = (uint64_t)ceil(memory * 1024);
	l->output_bytes = (uint64_t)ceil(output * MIB);
	l->code_bytes = (uint64_t)ceil(code * 1024);
	return rc;
}

/* Words of a scalar, or of a list of scalars, one after the other, with a blank between. */
static int read_words(struct reader *r, const char *key, const char **ret)
{
	const struct yaml_node *n = yaml_tree_find(r->root, key);
	const char *all = "";

	*ret = NULL;
	if (!n)
		return 0;
	if (n->kind == YAML_MAP)
		return refuse(r, n, "must be a word or a list of words");
	if (n->kind == YAML_SCALAR) {
		*ret = n->value;
		return 0;
	}
	for (const struct yaml_node *w = n->first; w; w = w->next) {
		if (w->kind != YAML_SCALAR)
			return refuse(r, n, "must be a word or a list of words");
		all = arena_printf(r->p->arena, "%s%s%s", all, *all ? " " : "", w->value);
		if (!all)
			return -ENOMEM;
	}
	*ret = all;
	return 0;
}

static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = words; at && *at; at += strcspn(at, " "), at += strspn(at, " "))
		if (!strncmp(at, word, n) && (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

static int refuse_kind(struct reader *r, const char *key, const char *word)
{
	char rule[128];

	snprintf(rule, sizeof(rule), "\"%.60s\" is not supported", word);
	return refuse(r, yaml_tree_find(r->root, key), rule);
}

static int read_type(struct reader *r)
{
	static const char *const unsupported[] = { "multi-pass", "submit-answer" };
	const char *words;
	int rc = read_words(r, "type", &words);

	if (rc != 0 || !words)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(unsupported); i++)
		if (has_word(words, unsupported[i]))
			return refuse_kind(r, "type", unsupported[i]);
	r->p->scoring = r->p->graded = has_word(words, "scoring");
	r->talks = has_word(words, "interactive");
	return r->p->scoring || r->talks || has_word(words, "pass-fail")
		       ? 0
		       : refuse_kind(r, "type", words);
}

/* Which way a score is good. */
static int read_grading(struct reader *r)
{
	const struct yaml_node *n = yaml_tree_find(yaml_tree_find(r->root, "grading"), "objective");

	if (n && (n->kind != YAML_SCALAR || strcmp(n->value, "max") != 0))
		return refuse(r, n, "must be max: no other objective is supported");
	return 0;
}

static bool folder_has(const struct folder *f, const char *prefix)
{
	for (size_t i = 0; i < f->len; i++)
		if (!strncmp(f->files[i].path, prefix, strlen(prefix)))
			return true;
	return false;
}

/* A program of the package's own says what is right; the flags are its arguments. */
static int read_validator(struct reader *r, const char *folder, bool flat)
{
	struct package_checker *c = r->talks ? &r->p->interactor : &r->p->checker;

	c->there = true;
	c->protocol = CHECKER_KATTIS;
	c->args = package_split(r->p, r->p->flags, &c->nargs);
	if (!c->args)
		return -ENOMEM;
	return package_program_below(r->p, folder, flat, &c->program, r->refusal);
}

static int read_validation(struct reader *r)
{
	const char *words, *flags;
	int rc = read_words(r, "validation", &words);

	if (rc == 0)
		rc = read_words(r, "validator_flags", &flags);
	if (rc != 0)
		return rc;
	r->p->flags = flags ? flags : "";
	if (words && (!strcmp(words, "custom") || !strcmp(words, "custom interactive"))) {
		r->talks |= has_word(words, "interactive");
		return read_validator(r, "output_validators", false);
	}
	if (words && strcmp(words, "default") != 0)
		return refuse_kind(r, "validation", words);
	if (!words && folder_has(r->p->folder, "output_validator/"))
		return read_validator(r, "output_validator", true);
	if (r->talks)
		return refuse(r, yaml_tree_find(r->root, "type"),
			      "\"interactive\" needs a validator, in output_validator");
	return package_flags_parse(r->p, PROBLEM, r->p->flags, &r->p->compare, r->refusal);
}

/* The name for people: a word, or one for each language, of which the English one, or the first. */
static int read_name(struct reader *r)
{
	const struct yaml_node *n = yaml_tree_find(r->root, "name");
	const struct yaml_node *english = yaml_tree_find(n, "en");

	if (n && n->kind == YAML_MAP)
		n = english ? english : n->first;
	if (n && n->kind == YAML_SCALAR && *n->value)
		r->p->name = package_printable(r->p, n->value);
	return r->p->name ? 0 : -ENOMEM;
}

/* Where other systems keep the limit: a number of seconds by itself, or after "timelimit=". */
static int read_time_file(struct package *p, const char *path, const char *before,
			  struct refusal *refusal)
{
	char line[64] = "", *at, *end;
	struct text text;
	double seconds;
	int r = package_text(p, path, &text, refusal);

	if (r != 0 || !text.data || p->limits.time_ms)
		return r;
	for (size_t i = 0; i < text.len;) {
		const char *eol = memchr(text.data + i, '\n', text.len - i);
		size_t n = eol ? (size_t)(eol - text.data) - i : text.len - i;

		if (n > strlen(before) && !strncmp(text.data + i, before, strlen(before))) {
			snprintf(line, sizeof(line), "%.*s", (int)(n < 63 ? n : 63), text.data + i);
			break;
		}
		i += n + 1;
	}
	if (!*line)
		return 0;
	at = line + strlen(before);
	at += strspn(at, " \t=\"'");
	seconds = strtod(at, &end);
	if (end == at || end[strspn(end, " \t\r\"'")] || !(seconds > 0 && seconds <= SECONDS_MAX))
		return folder_refuse(p->folder, path, refusal,
				     "the time limit must be a number of seconds above 0");
	p->limits.time_ms = (uint64_t)ceil(seconds * 1000);
	return 0;
}

static int read_problem(struct package *p, struct refusal *refusal)
{
	struct reader r = { .p = p, .refusal = refusal };
	struct err err = ERR_INIT;
	struct text text;
	int rc = package_text(p, PROBLEM, &text, refusal);

	if (rc != 0)
		return rc;
	if (!utf8_valid(text.data, text.len))
		return folder_refuse(p->folder, PROBLEM, refusal, "must be UTF-8");
	r.source = (struct yaml_source){ PROBLEM, text.data, text.len };
	rc = yaml_tree_read(&r.source, p->arena, &r.root, &err);
	if (rc < 0 || !r.root)
		return package_refuse_err(p, rc, &err, PROBLEM, refusal);
	if (r.root->kind != YAML_MAP)
		return refuse(&r, r.root, "must be a map");
	rc = read_name(&r);
	if (rc == 0)
		rc = read_limits(&r);
	if (rc == 0)
		rc = read_type(&r);
	if (rc == 0)
		rc = read_grading(&r);
	return rc == 0 ? read_validation(&r) : rc;
}

struct promise {
	const char *folder;
	unsigned verdicts;
};

/* Both formats', and what DOMjudge calls them. */
static const struct promise promises[] = {
	{ "accepted", PROMISE(ACCEPTED) },
	{ "wrong_answer", PROMISE_WRONG },
	{ "time_limit_exceeded", PROMISE(TIME_LIMIT) },
	{ "run_time_error", PROMISE_CRASHES },
	{ "runtime_error", PROMISE_CRASHES },
	{ "memory_limit_exceeded", PROMISE(MEMORY_LIMIT) },
	{ "output_limit_exceeded", PROMISE(OUTPUT_LIMIT) },
	{ "compiler_error", PROMISE(COMPILE_ERROR) },
	{ "compile_error", PROMISE(COMPILE_ERROR) },
	{ "rejected", PROMISE_REJECTED },
	{ "partially_accepted", PROMISE(PARTIAL) },
};

static bool is_promise(const char *folder, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(promises); i++)
		if (strlen(promises[i].folder) == len && !strncmp(promises[i].folder, folder, len))
			return true;
	return false;
}

/* Files stand in the order of their paths, and so those of a folder together. */
static int find_unpromised(struct package *p)
{
	static const char all[] = "submissions/";
	const char *last = "";
	size_t last_len = 0;

	for (size_t i = 0; i < p->folder->len; i++) {
		const char *path = p->folder->files[i].path, *folder = path + strlen(all);
		size_t len;

		if (strncmp(path, all, strlen(all)) != 0 || !strchr(folder, '/'))
			continue;
		len = strcspn(folder, "/");
		if (is_promise(folder, len) || (len == last_len && !strncmp(folder, last, len)))
			continue;
		if (package_add_unpromised(p, path, strlen(all) + len) < 0)
			return -ENOMEM;
		last = folder;
		last_len = len;
	}
	return 0;
}

static int gather(struct package *p, struct refusal *refusal)
{
	int r = find_unpromised(p);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(promises); i++) {
		char folder[64];

		snprintf(folder, sizeof(folder), "submissions/%s", promises[i].folder);
		r = package_gather(p, folder, promises[i].verdicts, refusal);
	}
	return r;
}

/* What is to be added to every submission would change what they do. */
static int refuse_included(struct package *p, struct refusal *refusal)
{
	for (size_t i = 0; i < p->folder->len; i++)
		if (!strncmp(p->folder->files[i].path, "include/", strlen("include/")))
			return folder_refuse(
				p->folder, p->folder->files[i].path, refusal,
				"is not supported: submissions are judged as they are");
	return 0;
}

int package_icpc_read(struct package *p, struct refusal *refusal)
{
	int r = read_problem(p, refusal);

	if (r == 0)
		r = refuse_included(p, refusal);

	if (r == 0)
		r = read_time_file(p, ".timelimit", "", refusal);
	if (r == 0)
		r = read_time_file(p, "domjudge-problem.ini", "timelimit", refusal);
	if (r == 0)
		r = package_icpc_tests(p, refusal);
	return r == 0 ? gather(p, refusal) : r;
}

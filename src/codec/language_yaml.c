/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_read.c reads the text straight into the structs below.  Values are then checked by
 * language_check.c, and lists get the NULL at their end.
 */
#include "codec/language_yaml.h"

#include <cyaml/cyaml.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/language_check.h"
#include "codec/yaml_read.h"

/* ---- the schema ---- */

struct yaml_limits {
#define YAML_LIMIT_MEMBER(field, def, cap, doc) uint64_t *field;
	LIMITS(YAML_LIMIT_MEMBER)
};

struct yaml_compile {
	const char **argv, *artefact;
	unsigned argv_count;
	struct yaml_limits limits;
};

struct yaml_function {
	const char *source, *harness;
};

struct yaml_language {
	const char *name, *title, *release, *source, *memory;
	const char **aliases, **extensions, **version, **run, **env, **preload, **cold_env;
	const char **packages, **needs, **tree;
	unsigned aliases_count, extensions_count, version_count, run_count, env_count;
	unsigned preload_count, cold_env_count, selftests_count;
	unsigned packages_count, needs_count, tree_count;
	struct yaml_compile *compile;
	struct yaml_function *function;
	enum runner_kind runner;
	struct yaml_limits limits;
	double *time_factor, *memory_factor;
	struct language_programs *selftest;
	struct language_selftest *selftests;
};

#define STRING(key, type, member, min) \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, min, YAML_FILE_MAX)
#define OPTIONAL_STRING(key, type, member) \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 0, \
			       YAML_FILE_MAX)
#define LIST(key, flags, type, member) \
	CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | (flags), type, member, &word_schema, 1, \
			     LANGUAGE_LIST_MAX)

static const cyaml_schema_value_t word_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, YAML_WORD_MAX),
};

static const cyaml_schema_field_t limits_schema[] = {
#define YAML_LIMIT_ROW(field, def, cap, doc) \
	CYAML_FIELD_UINT_PTR(#field, CYAML_FLAG_OPTIONAL, struct yaml_limits, field),
	LIMITS(YAML_LIMIT_ROW) CYAML_FIELD_END,
};

static const cyaml_schema_field_t compile_schema[] = {
	LIST("argv", 0, struct yaml_compile, argv),
	STRING("artefact", struct yaml_compile, artefact, 1),
	CYAML_FIELD_MAPPING("limits", CYAML_FLAG_OPTIONAL, struct yaml_compile, limits,
			    limits_schema),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t function_schema[] = {
	STRING("source", struct yaml_function, source, 1),
	STRING("harness", struct yaml_function, harness, 1),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t selftest_schema[] = {
	STRING("hello", struct language_programs, hello, 1),
	STRING("echo", struct language_programs, echo, 1),
	STRING("sum", struct language_programs, sum, 1),
	STRING("exit", struct language_programs, exit, 1),
	STRING("broken", struct language_programs, broken, 1),
	STRING("broken_says", struct language_programs, broken_says, 1),
	STRING("crash", struct language_programs, crash, 1),
	STRING("crash_says", struct language_programs, crash_says, 1),
	OPTIONAL_STRING("empty", struct language_programs, empty),
	CYAML_FIELD_END,
};

/* Of a warm runner: a test may be about what is not read, not printed, or the way that it ends. */
static const cyaml_schema_field_t warm_selftest_schema[] = {
	STRING("code", struct language_selftest, code, 1),
	OPTIONAL_STRING("input", struct language_selftest, input),
	STRING("expected", struct language_selftest, expected, 0),
	CYAML_FIELD_UINT("exit_code", CYAML_FLAG_OPTIONAL, struct language_selftest, exit_code),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t warm_selftest = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct language_selftest, warm_selftest_schema),
};

static const cyaml_strval_t runner_words[] = {
	{ "exec", RUNNER_EXEC },
	{ "python", RUNNER_PYTHON },
	{ "node", RUNNER_NODE },
};

static const cyaml_schema_field_t language_schema[] = {
	STRING("name", struct yaml_language, name, 1),
	STRING("title", struct yaml_language, title, 1),
	OPTIONAL_STRING("release", struct yaml_language, release),
	LIST("aliases", CYAML_FLAG_OPTIONAL, struct yaml_language, aliases),
	LIST("extensions", 0, struct yaml_language, extensions),
	STRING("source", struct yaml_language, source, 1),
	LIST("version", 0, struct yaml_language, version),
	LIST("packages", CYAML_FLAG_OPTIONAL, struct yaml_language, packages),
	LIST("needs", CYAML_FLAG_OPTIONAL, struct yaml_language, needs),
	LIST("tree", CYAML_FLAG_OPTIONAL, struct yaml_language, tree),
	OPTIONAL_STRING("memory", struct yaml_language, memory),
	CYAML_FIELD_MAPPING_PTR("compile", CYAML_FLAG_OPTIONAL, struct yaml_language, compile,
				compile_schema),
	CYAML_FIELD_MAPPING_PTR("function", CYAML_FLAG_OPTIONAL, struct yaml_language, function,
				function_schema),
	LIST("run", 0, struct yaml_language, run),
	LIST("env", CYAML_FLAG_OPTIONAL, struct yaml_language, env),
	CYAML_FIELD_ENUM("runner", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct yaml_language,
			 runner, runner_words, ARRAY_SIZE(runner_words)),
	CYAML_FIELD_MAPPING("limits", CYAML_FLAG_OPTIONAL, struct yaml_language, limits,
			    limits_schema),
	CYAML_FIELD_FLOAT_PTR("time_factor", CYAML_FLAG_OPTIONAL, struct yaml_language,
			      time_factor),
	CYAML_FIELD_FLOAT_PTR("memory_factor", CYAML_FLAG_OPTIONAL, struct yaml_language,
			      memory_factor),
	CYAML_FIELD_MAPPING_PTR("selftest", CYAML_FLAG_OPTIONAL, struct yaml_language, selftest,
				selftest_schema),
	LIST("preload", CYAML_FLAG_OPTIONAL, struct yaml_language, preload),
	LIST("cold_env", CYAML_FLAG_OPTIONAL, struct yaml_language, cold_env),
	CYAML_FIELD_SEQUENCE("selftests", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			     struct yaml_language, selftests, &warm_selftest, 1, LANGUAGE_LIST_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t top_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_language, language_schema),
};

/* ---- reading ---- */

/* A NULL-terminated copy; NULL for an empty list or for want of memory, which *oom tells apart. */
static const char *const *terminated(struct arena *arena, const char *const *list, unsigned n,
				     bool *oom)
{
	const char **copy;

	if (!n)
		return NULL;
	copy = arena_alloc_array(arena, n + 1, sizeof(*copy));
	if (!copy) {
		*oom = true;
		return NULL;
	}
	for (unsigned i = 0; i < n; i++)
		copy[i] = list[i];
	return copy;
}

/* 0 means "not said" in the model, so here is the last place that can tell it from a written 0. */
static int take_limits(const struct yaml_limits *from, const char *key, struct limits *to,
		       struct language_fault *fault)
{
#define YAML_LIMIT_TAKE(field, def, cap, doc) \
	if (from->field) { \
		to->field = *from->field; \
		if (!to->field) { \
			fault->key = key; \
			snprintf(fault->rule, sizeof(fault->rule), "%s must be at least 1", \
				 #field); \
			return 1; \
		} \
	}
	LIMITS(YAML_LIMIT_TAKE)
	return 0;
}

static void take_lists(const struct yaml_language *y, struct arena *arena, struct language *to,
		       bool *oom)
{
	to->aliases = terminated(arena, y->aliases, y->aliases_count, oom);
	to->extensions = terminated(arena, y->extensions, y->extensions_count, oom);
	to->version_argv = terminated(arena, y->version, y->version_count, oom);
	to->run_argv = terminated(arena, y->run, y->run_count, oom);
	to->env = terminated(arena, y->env, y->env_count, oom);
	to->preload = terminated(arena, y->preload, y->preload_count, oom);
	to->cold_env = terminated(arena, y->cold_env, y->cold_env_count, oom);
	to->packages = terminated(arena, y->packages, y->packages_count, oom);
	to->needs = terminated(arena, y->needs, y->needs_count, oom);
	to->tree = terminated(arena, y->tree, y->tree_count, oom);
	if (y->compile)
		to->compile_argv = terminated(arena, y->compile->argv, y->compile->argv_count, oom);
}

static void take_words(const struct yaml_language *y, struct arena *arena, struct language *to,
		       bool *oom)
{
	to->name = y->name;
	to->title = y->title;
	to->release = y->release;
	to->id = y->release ? arena_printf(arena, "%s@%s", y->name, y->release) : y->name;
	if (!to->id)
		*oom = true;
	to->source = y->source;
	to->memory = y->memory;
	to->artefact = y->compile ? y->compile->artefact : NULL;
	to->runner = y->runner;
	to->function_source = y->function ? y->function->source : NULL;
	to->time_factor = y->time_factor ? *y->time_factor : 1;
	to->memory_factor = y->memory_factor ? *y->memory_factor : 1;
	to->function_harness = y->function ? y->function->harness : NULL;
}

static void take_selftests(const struct yaml_language *y, struct language *to)
{
	for (unsigned i = 0; i < y->selftests_count; i++)
		if (!y->selftests[i].input)
			y->selftests[i].input = "";
	to->selftest = y->selftest;
	to->selftests = y->selftests;
	to->nselftests = y->selftests_count;
}

int language_yaml_load_text(const char *path, const char *text, size_t len, struct arena *arena,
			    struct language *ret, struct err *err)
{
	struct yaml_source source = { path, text, len };
	struct language_fault fault;
	struct language l = { 0 };
	struct yaml_language *y = NULL;
	bool oom = false;
	int rc = yaml_read(&source, &top_schema, arena, (void **)&y, NULL, err);

	if (!y)
		return rc;
	take_words(y, arena, &l, &oom);
	take_selftests(y, &l);
	rc = take_limits(&y->limits, "limits", &l.limits, &fault);
	if (!rc && y->compile)
		rc = take_limits(&y->compile->limits, "compile", &l.compile_limits, &fault);
	if (rc)
		return yaml_broken_key(err, &source, fault.key, fault.rule);
	take_lists(y, arena, &l, &oom);
	if (oom)
		return err_set(err, ENOMEM, "%s", path);
	if (language_check(&l, &fault))
		return yaml_broken_key(err, &source, fault.key, fault.rule);
	l.file = (struct text){ arena_strndup(arena, text, len), len };
	if (!l.file.data)
		return err_set(err, ENOMEM, "%s", path);
	*ret = l;
	return 0;
}

/* ---- files ---- */

static int load(const char *path, struct arena *arena, const struct language_set *others,
		struct language *ret, struct err *err)
{
	_cleanup_free_ char *text = malloc(YAML_FILE_MAX + 1);
	_cleanup_close_ int fd = -1;
	struct language_fault fault;
	ssize_t n;
	int rc;

	if (!text)
		return err_set(err, ENOMEM, "%s", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, errno, "%s", path);
	n = fd_read_full(fd, text, YAML_FILE_MAX + 1);
	if (n < 0)
		return err_set(err, (int)n, "%s", path);
	rc = language_yaml_load_text(path, text, (size_t)n, arena, ret, err);
	if (rc < 0)
		return rc;
	if (language_check_unique(ret, others->langs, others->len, &fault))
		return yaml_broken_key(err, &(struct yaml_source){ path, text, (size_t)n },
				       fault.key, fault.rule);
	return 0;
}

int language_yaml_load_file(const char *path, struct arena *arena, struct language *ret,
			    struct err *err)
{
	return load(path, arena, &(struct language_set){ NULL, 0 }, ret, err);
}

static int is_yaml(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 && strcmp(d->d_name + n - 5, ".yaml") == 0;
}

/* Without the ending, so that "a" stands before "a-b", as the languages' names do. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	size_t an = strlen((*a)->d_name) - 5, bn = strlen((*b)->d_name) - 5;
	int order = memcmp((*a)->d_name, (*b)->d_name, an < bn ? an : bn);

	return order ? order : (an > bn) - (an < bn);
}

static int load_all(const char *dir, struct dirent **entries, size_t n, struct arena *arena,
		    struct language_set *ret, struct err *err)
{
	struct language *langs = arena_alloc_array(arena, n, sizeof(*langs));
	struct language_set set = { langs, 0 };

	if (!langs)
		return err_set(err, ENOMEM, "%s", dir);
	while (set.len < n) {
		char path[PATH_MAX];
		int rc = snprintf(path, sizeof(path), "%s/%s", dir, entries[set.len]->d_name);

		if (rc < 0 || (size_t)rc >= sizeof(path))
			return err_set(err, ENAMETOOLONG, "%s", dir);
		rc = load(path, arena, &set, &langs[set.len], err);
		if (rc < 0)
			return rc;
		set.len++;
	}
	*ret = set;
	return 0;
}

int language_yaml_load_dir(const char *dir, struct arena *arena, struct language_set *ret,
			   struct err *err)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_yaml, by_name);
	int rc;

	if (n < 0)
		return err_set(err, errno, "%s", dir);
	rc = n ? load_all(dir, entries, (size_t)n, arena, ret, err)
	       : err_set(err, ENOENT, "%s: no *.yaml in it", dir);
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	return rc;
}

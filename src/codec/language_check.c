/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file in languages/ is written by whoever runs the service, so this is about mistakes, not
 * attacks: each is told by key and rule before any program runs, not by a box that fails to start.
 */
#include "codec/language_check.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_BYTES 32

static int fault_set(struct language_fault *fault, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fault_set(struct language_fault *fault, const char *key, const char *fmt, ...)
{
	va_list ap;

	fault->key = key;
	va_start(ap, fmt);
	vsnprintf(fault->rule, sizeof(fault->rule), fmt, ap);
	va_end(ap);
	return 1;
}

static bool good_name(const char *name)
{
	size_t len = strlen(name);

	if (!len || len > NAME_MAX_BYTES || !isalnum((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("+#._-", name[i]))
			return false;
	return true;
}

static bool good_file(const char *name)
{
	return name[0] && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strlen(name) <= 255;
}

static int check_names(const struct language *l, struct language_fault *fault)
{
	if (!good_name(l->name))
		return fault_set(fault, "name",
				 "must be letters, digits and any of + # . _ -, at most %d",
				 NAME_MAX_BYTES);
	if (l->release && !good_name(l->release))
		return fault_set(fault, "release", "must be like 3.11");
	for (size_t i = 0; l->aliases && l->aliases[i]; i++) {
		if (!good_name(l->aliases[i]))
			return fault_set(fault, "aliases", "must be names like that of a language");
		if (strcasecmp(l->aliases[i], l->name) == 0)
			return fault_set(fault, "aliases", "hold the language's own name");
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(l->aliases[i], l->aliases[j]) == 0)
				return fault_set(fault, "aliases", "hold %s twice", l->aliases[i]);
	}
	for (size_t i = 0; l->extensions[i]; i++) {
		if (l->extensions[i][0] != '.' || !good_name(l->extensions[i] + 1))
			return fault_set(fault, "extensions", "must be like .py");
		for (size_t j = 0; j < i; j++)
			if (strcmp(l->extensions[i], l->extensions[j]) == 0)
				return fault_set(fault, "extensions", "hold %s twice",
						 l->extensions[i]);
	}
	return 0;
}

static bool lies_below(const char *path, size_t len, const char *root)
{
	size_t n = strlen(root);

	if (len <= n || strncmp(path, root, n) != 0 || path[len - 1] == '/')
		return false;
	for (size_t i = n - 1; i + 1 < len; i++)
		if (path[i] == '/' && (path[i + 1] == '/' || path[i + 1] == '.'))
			return false;
	return true;
}

/* Of what a host has, a language may show its boxes only what lies where packages put things; a box has no /var. */
static bool good_path(const char *path)
{
	const char *colon = strchr(path, ':'), *box = colon ? colon + 1 : path;
	size_t host_len = colon ? (size_t)(colon - path) : strlen(path);

	if (strchr(box, ':') || (!lies_below(box, strlen(box), "/usr/share/") &&
				 !lies_below(box, strlen(box), "/etc/")))
		return false;
	return lies_below(path, host_len, "/usr/share/") || lies_below(path, host_len, "/etc/") ||
	       lies_below(path, host_len, "/var/lib/");
}

static int check_host(const struct language *l, struct language_fault *fault)
{
	for (size_t i = 0; l->needs && l->needs[i]; i++)
		if (l->needs[i][0] != '/')
			return fault_set(fault, "needs", "must be absolute paths");
	for (size_t i = 0; l->tree && l->tree[i]; i++)
		if (!good_path(l->tree[i]))
			return fault_set(fault, "tree",
					 "must be paths below /usr/share or /etc, without . and "
					 "..; HOST:BOX may begin below /var/lib");
	for (size_t i = 0; l->packages && l->packages[i]; i++)
		if (!good_name(l->packages[i]))
			return fault_set(fault, "packages", "must be names of Debian's packages");
	return 0;
}

/* "{artefact}" is put in by the planner, into `run` only. */
static int check_argv(const char *const *argv, const char *key, struct language_fault *fault)
{
	if (argv && argv[0][0] != '/')
		return fault_set(fault, key, "must start with an absolute path");
	return 0;
}

static int check_run(const struct language *l, struct language_fault *fault)
{
	if (l->run_argv[0][0] != '/' && strcmp(l->run_argv[0], "{artefact}") != 0)
		return fault_set(fault, "run",
				 "must start with an absolute path, or with {artefact}");
	for (size_t i = 0; l->run_argv[i]; i++)
		if (strcmp(l->run_argv[i], "{artefact}") == 0 && !l->artefact)
			return fault_set(fault, "run", "{artefact} needs a compile step");
	return 0;
}

static int check_files(const struct language *l, struct language_fault *fault)
{
	if (!good_file(l->source))
		return fault_set(fault, "source", "must be one path component");
	if (l->artefact && (!good_file(l->artefact) || strcmp(l->artefact, l->source) == 0))
		return fault_set(fault, "compile",
				 "artefact must be one path component that is not the source");
	return 0;
}

static int check_env(const struct language *l, struct language_fault *fault)
{
	for (size_t i = 0; l->env && l->env[i]; i++)
		if (l->env[i][0] == '=' || !strchr(l->env[i], '='))
			return fault_set(fault, "env", "must be like NAME=value");
	return 0;
}

static int check_limits(const struct limits *l, const char *key, struct language_fault *fault)
{
	const struct limit_info *over = limits_over_cap(l, &limits_cap);

	if (over)
		return fault_set(fault, key, "%s must be at most %" PRIu64, over->name, over->cap);
	if (l->total_wall_ms)
		return fault_set(fault, key, "total_wall_ms belongs to a request");
	return 0;
}

/* What is no number at all is between nothing. */
static int check_factor(double factor, const char *key, struct language_fault *fault)
{
	if (factor >= FACTOR_MIN && factor <= FACTOR_MAX)
		return 0;
	return fault_set(fault, key, "must be a number from %g to %g", FACTOR_MIN, FACTOR_MAX);
}

static bool only_of(const char *word, const char *good)
{
	return word[0] && word[strspn(word, good)] == '\0';
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS "0123456789"

/* As `import` and `require` take them; never a path, which would be one of the host. */
static bool good_module(const char *name)
{
	return (isalpha((unsigned char)name[0]) || name[0] == '_') &&
	       only_of(name, LETTERS DIGITS ".:/-") && !strstr(name, "..");
}

static int check_preload(const struct language *l, struct language_fault *fault)
{
	for (size_t i = 0; l->preload && l->preload[i]; i++) {
		const char *name = l->preload[i];

		if (!good_module(name))
			return fault_set(fault, "preload", "must be names of modules");
		for (size_t j = 0; j < i; j++)
			if (strcmp(name, l->preload[j]) == 0)
				return fault_set(fault, "preload", "hold %.64s twice", name);
	}
	return 0;
}

static int check_cold_env(const struct language *l, struct language_fault *fault)
{
	for (size_t i = 0; l->cold_env && l->cold_env[i]; i++) {
		const char *pattern = l->cold_env[i];
		size_t n = strspn(pattern, LETTERS DIGITS);

		if (!n || (pattern[n] && strcmp(pattern + n, "*") != 0))
			return fault_set(fault, "cold_env",
					 "must be names of variables, or their beginnings and *");
	}
	return 0;
}

/* A running interpreter does what its own command line would do, and knows no options but these. */
static int check_warm_run(const struct language *l, struct language_fault *fault)
{
	static const char heap[] = "--max-old-space-size=";
	const char *const *words = l->run_argv + 1;
	const char *runner = runner_names[l->runner];

	if (l->compile_argv)
		return fault_set(fault, "runner", "%s runs the source: it has no compile step",
				 runner);
	if (l->runner == RUNNER_NODE && *words && strncmp(*words, heap, sizeof(heap) - 1) == 0 &&
	    only_of(*words + sizeof(heap) - 1, DIGITS))
		words++;
	if (!*words || strcmp(*words, l->source) != 0 ||
	    (words[1] && (strcmp(words[1], "{args}") != 0 || words[2])))
		return fault_set(fault, "run", "must be PATH%s, SOURCE for runner %s",
				 l->runner == RUNNER_NODE ? ", at most --max-old-space-size=N" : "",
				 runner);
	return 0;
}

static int check_warm(const struct language *l, struct language_fault *fault)
{
	const char *key = l->preload	  ? "preload"
			  : l->cold_env	  ? "cold_env"
			  : l->nselftests ? "selftests"
					  : NULL;

	if (l->runner == RUNNER_EXEC)
		return key ? fault_set(fault, key, "needs a runner other than exec") : 0;
	for (size_t i = 0; i < l->nselftests; i++)
		if (l->selftests[i].exit_code > 255)
			return fault_set(fault, "selftests", "exit_code must be at most 255");
	return check_warm_run(l, fault) || check_preload(l, fault) || check_cold_env(l, fault);
}

int language_check(const struct language *l, struct language_fault *fault)
{
	if (check_names(l, fault) || check_files(l, fault) || check_env(l, fault) ||
	    check_host(l, fault))
		return 1;
	if (check_argv(l->version_argv, "version", fault) ||
	    check_argv(l->compile_argv, "compile", fault) || check_run(l, fault) ||
	    check_warm(l, fault))
		return 1;
	return check_factor(l->time_factor, "time_factor", fault) ||
	       check_factor(l->memory_factor, "memory_factor", fault) ||
	       check_limits(&l->limits, "limits", fault) ||
	       check_limits(&l->compile_limits, "compile", fault);
}

static bool has_name(const struct language *l, const char *name)
{
	if (strcasecmp(l->name, name) == 0)
		return true;
	for (size_t i = 0; l->aliases && l->aliases[i]; i++)
		if (strcasecmp(l->aliases[i], name) == 0)
			return true;
	return false;
}

static bool has_extension(const struct language *l, const char *extension)
{
	for (size_t i = 0; l->extensions[i]; i++)
		if (strcmp(l->extensions[i], extension) == 0)
			return true;
	return false;
}

/* Releases of one language share name, aliases and extensions; a runtime that runs already is of one of them. */
static int check_against(const struct language *l, const struct language *other,
			 struct language_fault *fault)
{
	if (l->runner != RUNNER_EXEC && l->runner == other->runner)
		return fault_set(fault, "runner", "%s is that of %s too", runner_names[l->runner],
				 language_id(other));
	if (l->release && other->release && strcasecmp(l->name, other->name) == 0 &&
	    strcasecmp(l->release, other->release) != 0)
		return 0;
	if (has_name(other, l->name))
		return fault_set(fault, "name", "%s is that of %s too", l->name, other->name);
	for (size_t i = 0; l->aliases && l->aliases[i]; i++)
		if (has_name(other, l->aliases[i]))
			return fault_set(fault, "aliases", "%s is that of %s too", l->aliases[i],
					 other->name);
	for (size_t i = 0; l->extensions[i]; i++)
		if (has_extension(other, l->extensions[i]))
			return fault_set(fault, "extensions", "%s is that of %s too",
					 l->extensions[i], other->name);
	return 0;
}

int language_check_unique(const struct language *l, const struct language *others, size_t n,
			  struct language_fault *fault)
{
	for (size_t i = 0; i < n; i++)
		if (check_against(l, &others[i], fault))
			return 1;
	return 0;
}

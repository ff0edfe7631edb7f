/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One language, as its languages/NAME.yaml says.  argv are arrays, never a shell; "{args}" as a whole
 * word of run_argv is where the request's args go (at the end when absent).
 */
#pragma once

#include <stddef.h>

#include "model/limits.h"

#define LANGUAGE_LIST_MAX 64

enum runner_kind { RUNNER_EXEC, RUNNER_KINDS };

extern const char *const runner_names[RUNNER_KINDS];

struct language_selftest {
	const char *code, *input, *expected;
};

struct language {
	const char *name, *title;
	const char *const *aliases;	 /* NULL-terminated, may be NULL; names ignore case */
	const char *const *extensions;	 /* ".py", NULL-terminated */
	const char *source;		 /* name of the source file in /box */
	const char *const *version_argv; /* prints the version, NULL-terminated */
	const char *const *compile_argv; /* NULL: no compile step */
	const char *artefact;		 /* name in /box of what the compile step makes */
	const char *const *run_argv;
	const char *const *env; /* "NAME=value", NULL-terminated, may be NULL */
	enum runner_kind runner;
	struct limits limits, compile_limits; /* overlays */
	struct language_selftest selftest;
};

struct language_set {
	const struct language *langs;
	size_t len;
};

/* By name or alias, ignoring case; NULL when unknown. */
const struct language *language_find(const struct language_set *set, const char *name);
/* By the ending of a file's name; NULL when unknown. */
const struct language *language_by_filename(const struct language_set *set, const char *filename);

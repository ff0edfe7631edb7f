/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One language, as its languages/NAME.yaml says.  argv are arrays, never a shell; "{args}" as a whole
 * word of run_argv is where the request's args go (at the end when absent).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/limits.h"

#define LANGUAGE_LIST_MAX 64

/* Who starts a program: execve, or a runtime that is started already and forks. */
enum runner_kind { RUNNER_EXEC, RUNNER_PYTHON, RUNNER_NODE, RUNNER_KINDS };

extern const char *const runner_names[RUNNER_KINDS];

struct language_selftest {
	const char *code, *input, *expected;
	unsigned exit_code;
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
	struct language_selftest selftest;    /* of a cold start */
	/* Of a warm runner only: what it loads ahead, … */
	const char *const *preload; /* NULL-terminated, may be NULL */
	/* … variables that the runtime reads only at its start ("PYTHON*": a prefix), … */
	const char *const *cold_env; /* NULL-terminated, may be NULL */
	/* … and what it must answer before it is used. */
	const struct language_selftest *selftests;
	size_t nselftests;
};

struct language_set {
	const struct language *langs;
	size_t len;
};

/* By name or alias, ignoring case; NULL when unknown. */
const struct language *language_find(const struct language_set *set, const char *name);
/* One of the language's cold_env patterns fits the name of a variable: it needs a cold start. */
bool language_env_is_cold(const struct language *l, const char *name);
/* By the ending of a file's name; NULL when unknown. */
const struct language *language_by_filename(const struct language_set *set, const char *filename);

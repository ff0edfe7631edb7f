/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One language, as its languages/NAME.yaml says.  argv are arrays, and nothing of a request is ever put into
 * a shell's text; "{args}" as a whole word of run_argv is where the request's args go (at the end when absent),
 * "{heap_mb}" in a word three quarters of the box's memory, for runtimes that must be told how much there is.
 *
 * Several releases of one language share its name, and differ in `release`: NAME@RELEASE names one, NAME the
 * highest that is there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/limits.h"
#include "model/text.h"

#define LANGUAGE_LIST_MAX 64

/* Who starts a program: execve, or a runtime that is started already and forks. */
enum runner_kind { RUNNER_EXEC, RUNNER_PYTHON, RUNNER_NODE, RUNNER_KINDS };

extern const char *const runner_names[RUNNER_KINDS];

/* Of a warm runner. */
struct language_selftest {
	const char *code, *input, *expected;
	unsigned exit_code;
};

/*
 * What every language must be able to do, in its own words.  What they are given and must answer is the same for
 * all (engine/trial.c).
 */
struct language_programs {
	const char *hello, *echo, *sum, *exit;
	const char *broken,
		*broken_says;		/* does not compile, or is no program; its error says so */
	const char *crash, *crash_says; /* fails while it runs, and says in which line */
	const char *empty;		/* NULL: "" */
};

struct language {
	const char *name, *title;
	const char *release; /* NULL: there is only one */
	const char *id;	     /* name@release, or the name */
	const char
		*absent; /* why it is not offered here, NULL: it is; of the host, not of the file */
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
	double time_factor, memory_factor;    /* of the limits that requests say; 0: 1 */
	/* Of a language in which functions can be called: the file that the submission is then, and who calls. NULL: not. */
	const char *function_source, *function_harness;
	const struct language_programs *selftest;
	const char
		*memory; /* how the runtime lives with the box's limit, for people; may be NULL */
	const char *const *packages; /* Debian's, NULL-terminated, may be NULL */
	const char *const *needs;    /* files without which it is not there, as packages */
	const char *const
		*tree; /* paths of the host that its boxes see beside those of all, as packages */
	/* Of a warm runner only: what it loads ahead, … */
	const char *const *preload; /* NULL-terminated, may be NULL */
	/* … variables that the runtime reads only at its start ("PYTHON*": a prefix), … */
	const char *const *cold_env; /* NULL-terminated, may be NULL */
	/* … and what it must answer before it is used. */
	const struct language_selftest *selftests;
	size_t nselftests;
	struct text file; /* byte for byte; of what was made by hand: empty */
};

/* Whoever holds a set that does not live for ever; last is called when nobody does any more. */
struct language_use {
	size_t holders;
	void (*last)(void *user);
	void *user;
};

struct language_set {
	const struct language *langs;
	size_t len;
	struct language_use *use; /* NULL: it lives as long as everybody who could hold it */
};

/* As a request may name it; those that tests make by hand have no id. */
static inline const char *language_id(const struct language *l)
{
	return l->id ? l->id : l->name;
}

/*
 * By name or alias, with @RELEASE or without, ignoring case; NULL when unknown.  Of several releases the highest
 * that is offered, else the highest.
 */
const struct language *language_find(const struct language_set *set, const char *name);
/* `name` is one of its names, or with @RELEASE names it alone. */
bool language_is(const struct language *l, const char *name);
/* One of the language's cold_env patterns fits the name of a variable: it needs a cold start. */
bool language_env_is_cold(const struct language *l, const char *name);
/* The set stays for as long as the arena: of a plan, which points into it. 0 or -ENOMEM. */
int language_hold(const struct language_set *set, struct arena *arena);
/* One holder less. */
void language_drop(struct language_use *use);
/* Whether the set offers the very same language: what was planned for the one holds for the other. */
bool language_is_offered(const struct language_set *set, const struct language *l);
/* By the ending of a file's name, of several releases as above; NULL when unknown. */
const struct language *language_by_filename(const struct language_set *set, const char *filename);

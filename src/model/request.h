/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was asked, validated, never changed afterwards.  Everything it points to lives in the arena
 * that decoded it.  A refusal says which field broke which rule: "<field>: <rule>".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/limits.h"
#include "model/text.h"

#define REQUEST_TESTS_MAX 1000
#define REQUEST_ARGS_MAX 256 /* args, and entries of env */
#define REQUEST_FILES_MAX 256
#define REQUEST_NAME_MAX 255	      /* bytes of a file's name */
#define REQUEST_ARGV_BYTES_MAX 131072 /* args and env together, with their NULs */

enum compare_mode {
	COMPARE_TRIM, /* trailing white space of each line and trailing newlines ignored */
	COMPARE_EXACT,
	COMPARE_TOKENS,
	COMPARE_FLOAT,
	COMPARE_UNORDERED,
	COMPARE_MODES,
};

struct compare_spec {
	enum compare_mode mode;
	double abs, rel; /* COMPARE_FLOAT: |a-b| <= max(abs, rel*|b|); defaults 1e-9 both */
};

enum output_encoding { ENCODING_UTF8, ENCODING_BASE64 };

struct test_case {
	struct text input, expected;
	struct limits limits; /* overlay */
};

struct request_file {
	const char *name;    /* one path component, not "." or ".."; no NUL, no '/' */
	struct text content; /* decoded */
};

struct env_entry {
	const char *name, *value;
};

struct request {
	struct text code;
	const char *language; /* as asked */
	const struct test_case *tests;
	size_t ntests;
	struct text stdin_text;
	const char *const *args;
	size_t nargs;
	const struct env_entry *env;
	size_t nenv;
	const struct request_file *files;
	size_t nfiles;
	struct compare_spec compare;
	bool stop_on_failure, fresh;
	enum output_encoding output_encoding;
	struct limits limits; /* overlay */
};

struct refusal {
	char field[128]; /* "test_cases[3].input", "" for the body as a whole ("body" is printed) */
	char rule[256];	 /* "must be a string" */
};

/* Writes both; returns 1 (a documented outcome: refused), so that callers can return it. */
int refusal_set(struct refusal *r, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

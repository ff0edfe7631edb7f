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
#include "model/request_judge.h"
#include "model/taken.h"
#include "model/text.h"

#define REQUEST_TESTS_MAX 1000
#define REQUEST_ARGS_MAX 256 /* args, and entries of env */
#define REQUEST_FILES_MAX 256
#define REQUEST_NAME_MAX 255	      /* bytes of a file's name */
#define REQUEST_ARGV_BYTES_MAX 131072 /* args and env together, with their NULs */

#define REGEX_BYTES_MAX 16384	   /* of one pattern */
#define REGEX_ALL_BYTES_MAX 262144 /* of all patterns of a request */

/*      id, name, doc */
#define COMPARES(X) \
	X(TRIM, trim, \
	  "white space at the end of each line, and newlines at the end of all, do not count") \
	COMPARES_BUT_TRIM(X)
#define COMPARES_BUT_TRIM(X) \
	X(EXACT, exact, "byte by byte") \
	X(TOKENS, tokens, "words between white space, in their order") \
	X(FLOAT, float, \
	  "as tokens; two numbers may differ by abs, or by rel times the expected one") \
	X(UNORDERED, unordered, "the lines of trim in any order") \
	X(TOKENS_IGNORE_CASE, tokens_ignore_case, "as tokens; A to Z equal a to z") \
	X(SORTED_LINES, sorted_lines, \
	  "lines in any order, each compared as tokens; lines without a word do not count") \
	X(REGEX, regex, \
	  "expected is a regular expression (PCRE2) that the whole output matches, with the white space at its end or without")

enum compare_mode {
#define COMPARE_ENUM(id, name, doc) COMPARE_##id,
	COMPARES(COMPARE_ENUM)
#undef COMPARE_ENUM
		COMPARE_MODES, /* what a request can name ends here */
	COMPARE_ICPC,	       /* of problem packages: compare_icpc.h */
	COMPARE_JSON,	       /* of values that functions return: compare_json.h */
};

struct compare_spec {
	enum compare_mode mode;
	double abs, rel; /* COMPARE_FLOAT: |a-b| <= max(abs, rel*|b|); defaults 1e-9 both */
	struct {
		bool case_sensitive, space_change_sensitive;
	} icpc; /* COMPARE_ICPC only */
};

enum output_encoding { ENCODING_UTF8, ENCODING_BASE64 };

struct test_case {
	struct text input, expected;
	struct limits limits;		    /* overlay */
	const struct compare_spec *compare; /* NULL: the request's */
	const char *group;		    /* NULL: none */
	bool has_points;
	double points;			 /* at least 0; see test_case_points() */
	struct text value;		 /* of a function: `expected` with its keys in order */
	const char *const *output_files; /* returned, beside those of the request */
	size_t noutput_files;
	const char *output_file;		   /* NULL: the request's */
	const struct request_file *expected_files; /* compared; their names are paths */
	size_t nexpected_files;
};

/* What it is worth: 1 unless something else is said. */
static inline double test_case_points(const struct test_case *t)
{
	return t->has_points ? t->points : 1;
}

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
	const char *const
		*output_files; /* paths in the working directory, returned after each run */
	size_t noutput_files;
	const char *input_file;	 /* NULL: the input is on stdin */
	const char *output_file; /* NULL: what is judged is stdout */
	struct compare_spec compare;
	const struct request_group *groups;
	size_t ngroups;
	const struct request_function *function;  /* NULL: a program */
	const struct request_checker *checker;	  /* NULL: outputs are compared */
	const struct request_checker *interactor; /* NULL: nobody talks with the program */
	bool stop_on_failure, fresh;
	struct request_repeat repeat;
	const struct request_factors *language_factors;
	size_t nlanguage_factors;
	bool unscaled; /* its limits are not multiplied by a language's factors: a checker's */
	enum output_encoding output_encoding;
	struct limits limits; /* overlay */
};

struct refusal {
	char field[128]; /* "test_cases[3].input", "" for the body as a whole ("body" is printed) */
	char rule[380];	 /* "must be a string"; may list all languages */
};

/* Writes both; returns 1 (a documented outcome: refused), so that callers can return it. */
int refusal_set(struct refusal *r, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

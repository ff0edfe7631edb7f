/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A problem package, read from a folder that is not trusted: ICPC and Kattis (problem.yaml), or Polygon-like (problem.xml).
 * Every refusal names the file and the rule.  What a package asks for and we cannot do is refused, never left out in silence.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gate/judge/folder.h"
#include "model/request.h"
#include "model/verdict.h"

enum package_format { PACKAGE_ICPC, PACKAGE_POLYGON };

struct package_test {
	const char *name; /* "secret/01" */
	struct text input, answer;
	const struct compare_spec *compare;
};

enum package_score { PACKAGE_SUM, PACKAGE_AVG, PACKAGE_MIN, PACKAGE_MAX };
enum package_verdict { PACKAGE_WORST, PACKAGE_FIRST, PACKAGE_ALWAYS };

/* A folder of tests, and how the results in it become one (the default grader of the format). */
struct package_group {
	const char *path; /* "secret/a"; "" is the root */
	bool go_on;	  /* after a test or group in it that was rejected */
	double accept_score, reject_score;
	enum package_score score;
	enum package_verdict verdict;
	bool ignore_sample, any_accepted;
	const char *flags; /* of the validator, beside the package's */
	struct compare_spec compare;
	const struct package_group *next; /* all of them in a list */
};

/* A program: one source, and what lies beside it. */
struct package_program {
	const char *path; /* as it is told to people */
	const struct folder *folder;
	struct folder_file **files;
	size_t nfiles;
};

struct package_submission {
	struct package_program program;
	unsigned promised; /* a bit per verdict; 0: nothing is */
};

/* Who judges in the place of a comparison: an output validator, or a checker of testlib's kind. */
struct package_checker {
	bool there;
	enum checker_protocol protocol;
	struct package_program program;
	const char *const *args; /* NULL-terminated */
	size_t nargs;
};

/* 0: not said. */
struct package_limits {
	uint64_t time_ms, memory_kb, output_bytes, code_bytes;
	uint64_t checker_ms, checker_kb;
	double time_multiplier; /* the slowest accepted example's time, where time_ms is not said */
};

struct package {
	enum package_format format;
	const char *name;
	struct folder *folder; /* borrowed */
	struct arena *arena;   /* borrowed */
	struct package_limits limits;
	const char *flags; /* of the default validator, as the package has them; never NULL */
	struct compare_spec compare;
	struct package_checker checker;
	struct package_checker
		interactor; /* talks with the submission; what it leaves is judged, but in the ICPC's formats */
	const char *input_file, *output_file; /* NULL: stdin, stdout */
	struct package_test *tests;
	size_t ntests;
	struct package_group *groups; /* NULL: the format has none */
	bool graded; /* groups decide, so all tests are run; else the first that was not accepted */
	bool scoring; /* and there is a score */
	struct package_submission *submissions;
	size_t nsubmissions;
	const char *
		unpromised; /* folders and tags of examples that promise no verdict, so that these are not judged; "" */
};

/* For folder_open(): the user is a bool, whether the example submissions are wanted. */
bool package_wants(void *user, const char *path, bool dir);
/* Reads all but the submissions. 0, 1 (refused) or a negative errno. */
int package_read(struct package *p, struct folder *folder, struct arena *arena,
		 struct refusal *refusal);

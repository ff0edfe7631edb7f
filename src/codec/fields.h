/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every field of the wire format, one row each: name, JSON type, required (in a result: always
 * there), doc line.  The decoder and the encoder expand the same rows, so a field without code, or
 * code without a field, does not compile; docs and the OpenAPI schema are printed from the arrays.
 * The order of the result's rows is the order on the wire.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "codec/fields_files.h"
#include "codec/fields_judge.h"
#include "codec/fields_timing.h"

struct codec_field {
	const char *name, *type;
	bool required;
	const char *doc;
};

/*      name, type, required, doc */
#define REQUEST_FIELDS(X) \
	X(code, "string", true, "the program's source; may be empty, may hold NUL") \
	X(language, "string", true, "name or alias of a language, case ignored") \
	X(test_cases, "array of test cases", false, \
	  "at most 1000; absent and [] mean one plain run") \
	X(stdin, "string", false, \
	  "standard input of a plain run; refused together with test cases") \
	X(args, "array of strings", false, "arguments of the program") \
	X(env, "object of strings", false, "environment variables, added to the language's own") \
	X(files, "array of files", false, "further files beside the source, read by the program") \
	REQUEST_OUTPUT_FIELDS(X) \
	X(compare, "string or compare object", false, \
	  "how stdout is compared, in each case that has none of its own; trim unless said") \
	X(function, "function object", false, \
	  "a function of the submission that is called in each case, in the place of running it") \
	X(checker, "checker object", false, \
	  "a program that judges what was printed, in the place of a comparison; needs test cases") \
	X(interactor, "interactor object", false, \
	  "a program that talks with the submission in each case, and judges it; needs test cases") \
	X(groups, "array of groups", false, \
	  "at most 100: cases that are scored together, and what they depend on") \
	X(stop_on_failure, "boolean", false, \
	  "skip the cases after the first that is not accepted") \
	X(fresh, "boolean", false, "never use a warm runner or a cached artefact") \
	X(output_encoding, "string", false, \
	  "utf-8 (default: other bytes become U+FFFD) or base64 (the raw bytes)") \
	X(limits, "limits object", false, "limits of each box, and total_wall_ms of all together") \
	REQUEST_TIMING_FIELDS(X)

#define TEST_CASE_FIELDS(X) \
	X(input, "string", true, "standard input of this case") \
	X(expected, "string", false, \
	  "the standard output that is asked for; never enters a box. It may be left out only beside expected_files") \
	X(limits, "limits object", false, "limits of this case alone; not total_wall_ms") \
	X(compare, "string or compare object", false, "how stdout is compared in this case") \
	X(points, "number", false, "what the case is worth, 1 unless said") \
	X(group, "string", false, "name of the group that it is in") \
	CASE_OUTPUT_FIELDS(X)

#define FILE_FIELDS(X) \
	X(name, "string", true, "one path component of 1 to 255 bytes, no '/'") \
	X(content, "string", true, "what is in it") \
	X(encoding, "string", false, "of content: utf-8 (default) or base64")

#define COMPARE_FIELDS(X) \
	X(mode, "string", true, "name of a comparison, as below") \
	X(abs, "number", false, "float only: absolute tolerance, 1e-9 unless said") \
	X(rel, "number", false, "float only: relative tolerance, 1e-9 unless said")

#define RESULT_FIELDS(X) \
	X(status, "string", true, \
	  "success: every step and case ended normally with exit code 0; else error") \
	X(output, "string", true, \
	  "stdout; with tests, of all cases joined and cut at output_bytes") \
	X(error, "string", true, \
	  "empty exactly on success; else a sentence with the evidence, then stderr") \
	X(test_results, "array of test results", true, \
	  "one per test case, in order; [] without tests") \
	X(verdict, "string or null", true, \
	  "of the first case that was not accepted; null: refused") \
	X(stderr, "string", true, "of the case that verdict speaks of, else of the first") \
	X(exit_code, "integer or null", true, \
	  "of the same case; null: ended by a signal or not run") \
	X(signal, "string or null", true, "name of the signal that ended the same case") \
	X(usage, "usage object", true, \
	  "cpu_ms and wall_ms summed over the runs, memory_kb the maximum") \
	X(compile, "object or null", true, \
	  "exit_code, output and usage of the compile step; cached: true where the same step ran before") \
	X(truncated, "object", true, "output and stderr: true where bytes were left out") \
	X(encoding_replaced, "boolean", true, \
	  "some output was not UTF-8 and is shown with U+FFFD") \
	X(denied_syscalls, "array or null", true, \
	  "name and count of denied calls; null: could not be watched") \
	X(limits_hit, "array of strings", true, \
	  "names of the limits that were touched, by any step") \
	X(runner, "string", true, \
	  "how the first case that ran was started: cold (a new interpreter), warm (forked from a running one) or pooled (forked before its order came); cold where none ran") \
	X(id, "string or null", true, "the job's id, as in the logs") \
	X(checker, "object or null", true, \
	  "exit_code, output, usage and cached of the checker's compile step; null: it has none") \
	X(interactor, "object or null", true, "the same of the interactor's") \
	X(score, "score or null", true, "null: the request speaks of neither points nor groups") \
	X(groups, "array of group results", true, "one per group, in order") \
	RESULT_TIMING_FIELDS(X) \
	RESULT_OUTPUT_FIELDS(X)

#define CASE_RESULT_FIELDS(X) \
	X(input, "string", true, "as asked") \
	X(expected, "string", true, "as asked") \
	X(actual, "string", true, \
	  "the case's whole stdout up to output_bytes, or its output_file; empty: skipped") \
	X(passed, "boolean", true, "true exactly when the verdict is accepted") \
	X(verdict, "string", true, "of this case alone; skipped: it was not run") \
	X(error, "string", true, "as above, of this case; empty where it ended normally") \
	X(stderr, "string", true, "head and tail where it was too long") \
	X(exit_code, "integer or null", true, "null: ended by a signal or not run") \
	X(signal, "string or null", true, "name of the signal that ended it") \
	X(usage, "usage object", true, "cpu_ms, wall_ms, memory_kb of this case") \
	X(truncated, "object", true, "output and stderr: true where bytes were left out") \
	X(encoding_replaced, "boolean", true, "actual, stderr or a file was not UTF-8") \
	X(denied_syscalls, "array or null", true, "as above, of this case") \
	X(limits_hit, "array of strings", true, "as above, of this case") \
	X(runner, "string or null", true, "as above, of this case; null: skipped") \
	CASE_RESULT_JUDGE_FIELDS(X) \
	CASE_RESULT_TIMING_FIELDS(X) \
	CASE_RESULT_OUTPUT_FIELDS(X)

extern const struct codec_field request_fields[], test_case_fields[], file_fields[];
extern const struct codec_field compare_fields[], result_fields[], case_result_fields[];
extern const struct codec_field difference_fields[], checker_fields[], check_fields[];
extern const struct codec_field interactor_fields[], interaction_fields[];
extern const struct codec_field group_fields[], function_fields[], score_fields[],
	group_result_fields[];
extern const struct codec_field repeat_fields[], factors_fields[], run_fields[], noise_fields[];
extern const size_t request_fields_len, test_case_fields_len, file_fields_len;
extern const size_t compare_fields_len, result_fields_len, case_result_fields_len;
extern const size_t difference_fields_len, checker_fields_len, check_fields_len;
extern const size_t interactor_fields_len, interaction_fields_len;
extern const size_t function_fields_len, group_fields_len, score_fields_len,
	group_result_fields_len;
extern const size_t repeat_fields_len, factors_fields_len, run_fields_len, noise_fields_len;

/* The whole wire format as Markdown tables. Text is malloc'ed, owned by the caller. */
int fields_markdown(char **ret, size_t *ret_len);

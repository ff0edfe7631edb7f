/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of fields.h that are about judging: checkers, groups, points, differences. For fields.h alone. */
#pragma once

/*      name, type, required, doc */
#define GROUP_FIELDS(X) \
	X(name, "string", true, "1 to 64 bytes") \
	X(points, "number", false, "what the group is worth; the sum of its cases unless said") \
	X(score, "string", false, \
	  "min (default): the lowest share that any of its cases got; sum: what they got together") \
	X(depends, "array of strings", false, \
	  "names of groups before it: it is run if every case of them was accepted") \
	X(stop_on_failure, "boolean", false, \
	  "skip its cases after the first that got no points; unless said: where score is min")

#define FUNCTION_FIELDS(X) \
	X(name, "string", true, \
	  "a name at the top of the submission, or CLASS.METHOD; input is then a JSON array, its arguments, and expected the JSON value that it returns") \
	X(abs, "number", false, "absolute tolerance of numbers with a fraction, 1e-9 unless said") \
	X(rel, "number", false, "relative tolerance, 1e-9 unless said")

#define CHECKER_FIELDS(X) \
	X(language, "string", true, "name or alias of a language, case ignored") \
	X(code, "string", true, "the checker's source") \
	X(protocol, "string", false, "how it is asked and answers: testlib (default) or kattis") \
	X(args, "array of strings", false, "further arguments, after those of the protocol") \
	X(files, "array of files", false, \
	  "beside its source, also when it is compiled: testlib.h, say") \
	X(limits, "limits object", false, "limits of its box; not total_wall_ms")

#define INTERACTOR_FIELDS(X) \
	X(language, "string", true, "name or alias of a language, case ignored") \
	X(code, "string", true, "the interactor's source") \
	X(protocol, "string", false, \
	  "how it is told of a case and answers: testlib (default) or kattis") \
	X(args, "array of strings", false, "further arguments, after those of the protocol") \
	X(files, "array of files", false, \
	  "beside its source, also when it is compiled: testlib.h, say") \
	X(limits, "limits object", false, \
	  "limits of its box; not total_wall_ms. Its wall_ms is what it has beyond the program's") \
	X(output, "boolean", false, \
	  "of testlib's: where it accepts, what it wrote to its file output is judged by compare or checker") \
	X(transcript, "integer", false, \
	  "so many bytes of each dialogue are told, at most 65536; 0 (none) unless said")

#define INTERACTION_FIELDS(X) \
	X(verdict, "string", true, \
	  "accepted, wrong_answer, presentation_error, partial; internal_error: it failed; skipped: the program failed before") \
	X(exit_code, "integer or null", true, \
	  "of the interactor; null: ended by a signal, or by us") \
	X(signal, "string or null", true, "name of the signal that ended it") \
	X(usage, "usage object", true, "of its box") \
	X(transcript, "string or null", true, \
	  "lines that the program (>) and the interactor (<) wrote, in the order in which they came; head and tail where it was too long; null: not asked for")

#define SCORE_FIELDS(X) \
	X(points, "number", true, "of all groups, and of the cases that are in none") \
	X(max, "number", true, "what there was to get")

#define GROUP_RESULT_FIELDS(X) \
	X(name, "string", true, "as asked") \
	X(points, "number", true, "what the group got") \
	X(max, "number", true, "what it is worth") \
	X(verdict, "string", true, \
	  "of its first case that was not accepted; skipped: it was not run")

#define CHECK_FIELDS(X) \
	X(verdict, "string", true, \
	  "accepted, wrong_answer, presentation_error, partial; internal_error: it failed") \
	X(exit_code, "integer or null", true, "of the checker; null: ended by a signal, or by us") \
	X(signal, "string or null", true, "name of the signal that ended it") \
	X(usage, "usage object", true, "of its box")

#define DIFFERENCE_FIELDS(X) \
	X(line, "integer", true, "of what was printed, from 1") \
	X(column, "integer", true, "of what was printed, in characters, from 1") \
	X(expected, "string or null", true, \
	  "an excerpt of what should be there, with what is invisible made visible; null: nothing more") \
	X(actual, "string or null", true, "an excerpt of what is there, likewise") \
	X(file, "string", false, "path of the file that it is in; absent: it is in the answer")

#define CASE_RESULT_JUDGE_FIELDS(X) \
	X(difference, "difference or null", true, \
	  "where a wrong answer first goes wrong; null: it does not, or nobody can say where") \
	X(comment, "string or null", true, \
	  "on its answer, in words: the checker's, or of the comparison") \
	X(checker, "check or null", true, \
	  "what the checker said; null: there is none, or it was not asked") \
	X(interactor, "interaction or null", true, \
	  "what the interactor said; null: there is none, or it did not run") \
	X(points, "number or null", true, "what the case got; null: no points are given") \
	X(group, "string or null", true, "as asked; null: it is in none")

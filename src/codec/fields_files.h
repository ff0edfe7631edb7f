/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of fields.h that are about files of a run's input and output. For fields.h alone. */
#pragma once

/*      name, type, required, doc */
#define REQUEST_OUTPUT_FIELDS(X) \
	X(output_files, "array of strings", false, \
	  "at most 16 paths in the working directory: files that are returned after each run") \
	X(input_file, "string", false, \
	  "name of a file beside the source that holds the input; stdin is empty then") \
	X(output_file, "string", false, \
	  "path of a file that is judged in the place of stdout; it is taken like output_files")

#define CASE_OUTPUT_FIELDS(X) \
	X(output_files, "array of strings", false, \
	  "as above, of this case: added to the request's") \
	X(output_file, "string", false, "as above, of this case: in the place of the request's") \
	X(expected_files, "object of strings", false, \
	  "path to content: what files must hold, by the case's comparison; stdout is compared too, unless expected is empty")

#define TAKEN_WORDS "missing, not_plain, too_large, unreadable, not_taken"

#define RESULT_OUTPUT_FIELDS(X) \
	X(files, "object of strings or null", true, \
	  "of a run without tests: path to content of the files that were taken; null: none was asked for") \
	X(files_missing, "object of strings or null", true, \
	  "of the same: path to why it was not taken: " TAKEN_WORDS)

#define CASE_RESULT_OUTPUT_FIELDS(X) \
	X(files, "object of strings or null", true, "as above, of this case") \
	X(files_missing, "object of strings or null", true, "as above, of this case")

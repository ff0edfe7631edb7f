/* SPDX-License-Identifier: Apache-2.0 */
/* Readers that several objects of a request share. Private to the request's decoder. */
#pragma once

#include "codec/json_read.h"
#include "model/request.h"

/* ROW(request, code, true): the field "code", read by request_code(). */
#define ROW(prefix, field, must) \
	{ \
		.name = #field, .required = must, .read = prefix##_##field \
	}

/* of_whole: total_wall_ms may be in it. */
int request_read_limits(struct json_reader *r, const struct json_path *at, const json_t *value,
			bool of_whole, struct limits *into);
json_read_fn request_read_file; /* into struct request_file */
/* Into struct request or struct test_case: files for input and output. */
json_read_fn request_output_files, request_input_file, request_output_file;
json_read_fn case_output_files, case_output_file, case_expected_files;
json_read_fn request_read_group;  /* into struct request_group */
json_read_fn request_read_points; /* into double */
/* Of the request itself, in request_timing.c. */
json_read_fn request_repeat, request_language_factors;
int request_read_function(struct json_reader *r, const struct json_path *at, const json_t *value,
			  const struct request_function **ret);
/* Once everything is read: what the cases of a function hold is JSON. */
int request_check_function(struct json_reader *r, const json_t *root, struct request *req);
int request_read_checker(struct json_reader *r, const struct json_path *at, const json_t *value,
			 const struct request_checker **ret);
int request_read_interactor(struct json_reader *r, const struct json_path *at, const json_t *value,
			    const struct request_checker **ret);

/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of fields.h as arrays, for whoever prints them. */
#include "codec/fields.h"

#include "base/cleanup.h"

#define FIELD_ROW(field, json_type, must, text) \
	{ .name = #field, .type = json_type, .required = must, .doc = text },

const struct codec_field request_fields[] = { REQUEST_FIELDS(FIELD_ROW) };
const struct codec_field test_case_fields[] = { TEST_CASE_FIELDS(FIELD_ROW) };
const struct codec_field file_fields[] = { FILE_FIELDS(FIELD_ROW) };
const struct codec_field compare_fields[] = { COMPARE_FIELDS(FIELD_ROW) };
const struct codec_field result_fields[] = { RESULT_FIELDS(FIELD_ROW) };
const struct codec_field case_result_fields[] = { CASE_RESULT_FIELDS(FIELD_ROW) };
const struct codec_field difference_fields[] = { DIFFERENCE_FIELDS(FIELD_ROW) };
const struct codec_field checker_fields[] = { CHECKER_FIELDS(FIELD_ROW) };
const struct codec_field check_fields[] = { CHECK_FIELDS(FIELD_ROW) };
const struct codec_field interactor_fields[] = { INTERACTOR_FIELDS(FIELD_ROW) };
const struct codec_field interaction_fields[] = { INTERACTION_FIELDS(FIELD_ROW) };
const struct codec_field function_fields[] = { FUNCTION_FIELDS(FIELD_ROW) };
const struct codec_field group_fields[] = { GROUP_FIELDS(FIELD_ROW) };
const struct codec_field score_fields[] = { SCORE_FIELDS(FIELD_ROW) };
const struct codec_field group_result_fields[] = { GROUP_RESULT_FIELDS(FIELD_ROW) };
const struct codec_field repeat_fields[] = { REPEAT_FIELDS(FIELD_ROW) };
const struct codec_field factors_fields[] = { FACTORS_FIELDS(FIELD_ROW) };
const struct codec_field run_fields[] = { RUN_FIELDS(FIELD_ROW) };
const struct codec_field noise_fields[] = { NOISE_FIELDS(FIELD_ROW) };

const size_t request_fields_len = ARRAY_SIZE(request_fields);
const size_t test_case_fields_len = ARRAY_SIZE(test_case_fields);
const size_t file_fields_len = ARRAY_SIZE(file_fields);
const size_t compare_fields_len = ARRAY_SIZE(compare_fields);
const size_t result_fields_len = ARRAY_SIZE(result_fields);
const size_t case_result_fields_len = ARRAY_SIZE(case_result_fields);
const size_t difference_fields_len = ARRAY_SIZE(difference_fields);
const size_t checker_fields_len = ARRAY_SIZE(checker_fields);
const size_t check_fields_len = ARRAY_SIZE(check_fields);
const size_t interactor_fields_len = ARRAY_SIZE(interactor_fields);
const size_t interaction_fields_len = ARRAY_SIZE(interaction_fields);
const size_t group_fields_len = ARRAY_SIZE(group_fields);
const size_t score_fields_len = ARRAY_SIZE(score_fields);
const size_t group_result_fields_len = ARRAY_SIZE(group_result_fields);
const size_t function_fields_len = ARRAY_SIZE(function_fields);
const size_t repeat_fields_len = ARRAY_SIZE(repeat_fields);
const size_t factors_fields_len = ARRAY_SIZE(factors_fields);
const size_t run_fields_len = ARRAY_SIZE(run_fields);
const size_t noise_fields_len = ARRAY_SIZE(noise_fields);

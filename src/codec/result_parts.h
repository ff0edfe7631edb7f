/* SPDX-License-Identifier: Apache-2.0 */
/* What a result and each of its test results are both made of. Private to the result's encoder. */
#pragma once

#include "codec/json_write.h"
#include "codec/result_json.h"

#define LIMITS_HIT_ROOM 16

struct result_encoder {
	struct json_writer w;
	const struct result *r;
	const struct result_json_options *options;
	const struct case_result *subject; /* NULL: the plan had no run step */
	bool base64;
	bool replaced; /* something written so far, in this object, was not UTF-8 */
};

struct result_usage {
	uint64_t cpu_usec, wall_usec, memory_bytes;
};

/* Denied calls of one box or of all of them; `known` is true only while every box was watched. */
struct result_denied {
	struct denied_call calls[FACTS_DENIED_MAX];
	size_t ncalls;
	uint64_t other;
	bool known;
};

/* A set of limits' names. */
struct result_names {
	const char *names[LIMITS_HIT_ROOM];
	size_t n;
};

/* The run step of case i; a compile step comes before all of them. */
const struct plan_step *result_parts_step(const struct result *r, size_t i);
/* Bytes of a program, in the request's encoding. A cut may have split a character. */
void result_parts_output(struct result_encoder *e, struct text bytes, bool cut);
/* The step's outputs: those that were taken, and why others were not. */
void result_parts_files(struct result_encoder *e, const struct case_result *c,
			const struct plan_step *step);
/* Some of them are not UTF-8, and will be shown with U+FFFD. */
bool result_parts_files_replaced(const struct result_encoder *e, const struct case_result *c,
				 const struct plan_step *step);
void result_parts_files_missing(struct result_encoder *e, const struct case_result *c,
				const struct plan_step *step);
void result_parts_exit_code(struct result_encoder *e, const struct case_result *c);
void result_parts_signal(struct result_encoder *e, const struct case_result *c);
const char *result_parts_runner(const struct case_result *c);
/* The fields of a test result, without its braces. */
void result_case_write(struct result_encoder *e, size_t i);
/* Sums, unions and maxima; a case that did not run adds nothing. */
void result_parts_add_usage(struct result_usage *u, const struct case_result *c);
void result_parts_usage(struct result_encoder *e, const struct result_usage *u);
void result_parts_truncated(struct result_encoder *e, bool out, bool err);
void result_parts_add_denied(struct result_denied *d, const struct case_result *c);
void result_parts_denied(struct result_encoder *e, const struct result_denied *d);
void result_parts_add_limits_hit(struct result_names *hit, const struct case_result *c,
				 const struct plan_step *step);
void result_parts_names(struct result_encoder *e, const struct result_names *names);
/* ---- result_timing.c ---- */

/* Fields of the result itself. */
void result_limits(struct result_encoder *e);
void result_factors(struct result_encoder *e);
void result_timing_runs(struct result_encoder *e, const struct case_result *c);
void result_timing_noise(struct result_encoder *e, const struct case_result *c);

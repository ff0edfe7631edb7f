/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of results as they go out share: a result to be spoilt, and what became of it as JSON. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/result_json.h"

#define CASES_MAX 4
#define EXITED(code) ((code) << 8)

/* A result of two test cases, both accepted, to be spoilt by each test. */
struct scene {
	struct request request;
	struct test_case tests[CASES_MAX];
	struct language language;
	struct plan plan;
	struct plan_step steps[CASES_MAX + 1];
	struct case_result cases[CASES_MAX];
	struct result result;
	char *text;   /* owned */
	json_t *json; /* owned */
};

static inline struct case_result a_case(struct text out, int wait_status)
{
	struct case_result c = {
		.ran = true, .verdict = VERDICT_ACCEPTED, .error = "", .passed = true
	};

	c.outcome.out = out;
	c.outcome.err = TEXT("");
	c.outcome.facts.started = c.outcome.facts.ended = c.outcome.facts.denied_known = 1;
	c.outcome.facts.wait_status = wait_status;
	c.outcome.facts.cpu_usec = 1500;
	c.outcome.facts.wall_usec = 2500;
	c.outcome.facts.memory_peak_bytes = 10 * 1024;
	return c;
}

/* ntests 0: a plain run. */
static inline void scene_init(struct scene *s, size_t ntests, bool compiled)
{
	size_t nruns = ntests ? ntests : 1, first = compiled ? 1 : 0;

	memset(s, 0, sizeof(*s));
	s->request = (struct request){ .tests = s->tests, .ntests = ntests };
	s->language = (struct language){ .name = "c", .title = "C" };
	s->plan = (struct plan){ .request = &s->request,
				 .language = &s->language,
				 .steps = s->steps,
				 .nsteps = nruns + first };
	s->steps[0] =
		(struct plan_step){ .kind = STEP_COMPILE, .limits = limits_default, .test = -1 };
	for (size_t i = 0; i < nruns; i++) {
		s->tests[i] = (struct test_case){ .input = TEXT("in\0"), .expected = TEXT("exp") };
		s->steps[first + i] = (struct plan_step){ .kind = STEP_RUN,
							  .limits = limits_default,
							  .test = ntests ? (int)i : -1 };
		s->cases[i] = a_case(TEXT("exp"), EXITED(0));
	}
	s->result = (struct result){ .plan = &s->plan,
				     .id = "job1",
				     .compiled = compiled,
				     .cases = s->cases,
				     .ncases = nruns,
				     .verdict = VERDICT_ACCEPTED,
				     .success = true,
				     .error = "" };
	s->result.compile = a_case(TEXT(""), EXITED(0));
}

static inline void scene_done(struct scene *s)
{
	free(s->text);
	json_decref(s->json);
}

static inline const char *fake_name(int nr, char *buf, size_t size)
{
	if (nr == 165)
		return "mount";
	snprintf(buf, size, "number_%d", nr);
	return buf;
}

static inline void encode(struct scene *s)
{
	static const struct result_json_options options = { .syscall_name = fake_name };
	size_t len;

	scene_done(s);
	assert_int_equal(result_json_encode(&s->result, &options, &s->text, &len), 0);
	assert_int_equal(s->text[len - 1], '\n');
	assert_ptr_equal(memchr(s->text, '\n', len), s->text + len - 1);
	s->json = json_loadb(s->text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	assert_non_null(s->json);
}

static inline void assert_json(const json_t *value, const char *want)
{
	_cleanup_free_ char *got = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(got);
	assert_string_equal(got, want);
}

static inline const json_t *top(const struct scene *s, const char *key)
{
	return json_object_get(s->json, key);
}

static inline const json_t *of_case(const struct scene *s, size_t i, const char *key)
{
	return json_object_get(json_array_get(top(s, "test_results"), i), key);
}

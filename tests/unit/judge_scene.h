/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of judge share: a submission of CASES test cases, all run and accepted, which each
 * test spoils in its own way.  For one .c file each; everything is static.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/judge.h"

#define EXITED(code) ((code) << 8)
#define CASES 4

/* A submission of CASES test cases that expect "ok", all run and accepted, to be spoilt by each test. */
struct scene {
	struct arena arena;
	struct request request;
	struct test_case tests[CASES];
	struct language language;
	struct plan_step steps[CASES], compile_step;
	struct plan plan;
	struct case_result cases[CASES];
	struct result result;
};

static struct box_outcome good_outcome(void)
{
	return (struct box_outcome){
		.facts = { .started = 1, .ended = 1 },
		.out = TEXT("ok\n"),
		.err = TEXT(""),
	};
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	arena_init(&s->arena, 1 << 20);
	s->request.tests = s->tests;
	s->request.ntests = CASES;
	s->plan = (struct plan){ .request = &s->request,
				 .language = &s->language,
				 .steps = s->steps,
				 .nsteps = CASES,
				 .total_wall_ms = limits_default.total_wall_ms };
	for (int i = 0; i < CASES; i++) {
		s->tests[i] = (struct test_case){ .input = TEXT(""), .expected = TEXT("ok") };
		s->steps[i] =
			(struct plan_step){ .kind = STEP_RUN, .limits = limits_default, .test = i };
		s->cases[i].outcome = good_outcome();
	}
	s->compile_step =
		(struct plan_step){ .kind = STEP_COMPILE, .limits = limits_default, .test = -1 };
	s->result = (struct result){ .plan = &s->plan, .cases = s->cases, .ncases = CASES };
	s->result.compile.outcome = good_outcome();
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	arena_done(&s->arena);
	free(s);
	return 0;
}

static struct case_result *judge_one(struct scene *s, size_t i)
{
	assert_int_equal(judge_case(&s->plan, &s->steps[i], &s->cases[i], &s->arena), 0);
	return &s->cases[i];
}

static inline struct case_result *judge_compile(struct scene *s)
{
	s->result.compiled = true;
	assert_int_equal(judge_case(&s->plan, &s->compile_step, &s->result.compile, &s->arena), 0);
	return &s->result.compile;
}

/* All of `mask` ran. */
static inline void judge_all(struct scene *s, unsigned mask)
{
	for (size_t i = 0; i < CASES; i++)
		if (mask & 1u << i)
			judge_one(s, i);
		else
			s->cases[i] = (struct case_result){ 0 };
	assert_int_equal(judge_result(&s->result, &s->arena), 0);
}

static inline void check_skipped(const struct case_result *c, const char *reason)
{
	assert_int_equal(c->verdict, VERDICT_SKIPPED);
	assert_false(c->passed);
	assert_string_equal(c->error, reason);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of the planner stand on: a scene (languages, defaults, caps, a request of one line) that
 * each test changes where it wants to, and a plan or a refusal that comes of it.
 */
#pragma once

#include "base/arena.h"
#include "model/planner.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct scene {
	struct arena arena;
	struct language_set set;
	struct planner_config config;
	struct request request;
	struct plan plan;
	struct refusal refusal;
};

/* c, python, framed; a scene has them all. */
extern const struct language planner_languages[3];

/* For each test: makes a scene, and ends it. */
#define PLANNER_CASE(f) \
	cmocka_unit_test_setup_teardown(f, planner_scene_setup, planner_scene_teardown)
int planner_scene_setup(void **state);
int planner_scene_teardown(void **state);

/* As planner_plan(). */
int planner_scene_plan(struct scene *s);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of the engine stand on: a world (loop, fake backend, engine) and submissions with all
 * that they borrow.  Scripts answer by the name of the job and the step; orders are written down.
 */
#pragma once

#include "backend/fake.h"
#include "engine/engine.h"

#define CASES_MAX 40
#define ORDERS_MAX 256

struct world;

/* A submission with everything that it borrows. */
struct submission {
	struct world *world;
	struct request request;
	struct language language;
	struct test_case tests[CASES_MAX];
	struct plan_step steps[CASES_MAX + 1];
	struct plan plan;
	struct arena arena;
	struct job *job;
	/* of its order; all may be left as they are */
	const char *tenant;
	unsigned tenant_boxes;
	int priority;
	uint64_t begin_ms;
	bool (*on_next)(void *user);
	void (*on_begin)(void *user, enum step_kind kind);
	void (*on_case)(void *user, const struct result *result, size_t index);
	bool done;
	size_t ncases;
	struct {
		enum verdict verdict, compile, cases[CASES_MAX];
		bool success, cached, ran[CASES_MAX];
		char id[16], out[64], error[256], compiler_said[32];
		unsigned kills[CASES_MAX];
		double points;
	} got; /* copied in on_done: the result dies after it */
	char streamed[64];
};

struct seen_order {
	char job[16];
	enum step_kind kind;
	int test; /* -1: compile */
	uint64_t wall_cap_ms;
	bool artefact, live_stdin;
	unsigned running; /* boxes that ran when it was begun */
};

struct world {
	sd_event *loop;
	struct backend *backend;
	struct engine *engine;
	void (*script)(struct world *w, const struct backend_order *o, struct fake_end *end);
	struct seen_order orders[ORDERS_MAX];
	size_t norders;
	unsigned pending; /* submissions not done */
	void (*when_done)(struct submission *s);
};

void world_make(struct world *w, unsigned lanes);
void world_end(struct world *w);
/* Turns the loop until nothing is left to do, which leaves only held boxes and far timers. */
void world_settle(struct world *w);
void world_finish(struct world *w);
/* Tests that expect "" from boxes that print nothing. */
struct submission *submission_make(struct world *w, size_t ncases, bool compiled);
void submission_submit_with(struct submission *s, const char *id, int live_stdin_fd);
void submission_submit(struct submission *s, const char *id);
void submission_drop(struct submission *s);
void fake_end_exit(struct fake_end *end, int code);
void submission_on_done(void *user, const struct result *r);
void script_hold(struct world *w, const struct backend_order *o, struct fake_end *end);
int next_free_fd(void);
void script_hold_compile(struct world *w, const struct backend_order *o, struct fake_end *end);

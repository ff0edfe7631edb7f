/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of the desk stand on: loop, fake backend, engine, desk, and clients that write down what they are
 * told.  A box does what its code says, one word: "good", "hold", "slow" (held, until the world lets all go),
 * "print", "exit1", "broken" (the host fails).
 */
#pragma once

#include "backend/fake.h"
#include "gate/desk/desk_local.h"

#define CLIENT_EVENTS_MAX 64

struct desk_world {
	sd_event *loop;
	struct backend *backend;
	struct engine *engine;
	struct journal *journal; /* NULL: none */
	struct desk *desk;
	struct desk_config config;
	struct planner_config planner;
	unsigned orders;
	char order_log[512]; /* the first letter of each job's code, in the order of its boxes */
	bool empty;	     /* drained */
};

struct client {
	struct desk_world *world;
	struct desk_ask ask;
	struct desk_tenant tenant;
	bool watches; /* as soon as it is accepted */
	bool answered, over;
	enum desk_answer_kind kind;
	struct desk_answer answer; /* its job only while it is watched */
	char id[DESK_ID_BYTES];
	struct desk_watch *watch;
	char told[1024]; /* "queued running case result " */
	char last_json[4096];
	uint64_t last_seq;
	unsigned events;
};

/* Fields of `config` that are 0 get a default. path: of a journal, or NULL. */
void desk_world_make(struct desk_world *w, unsigned lanes, const char *journal_path);
void desk_world_end(struct desk_world *w);
/* Turns the loop until nothing is left to do. */
void desk_world_settle(struct desk_world *w);
/* Turns the loop until this is true; fails the test after ten seconds. */
void desk_world_wait(struct desk_world *w, const bool *flag);

/* {"code":CODE,"language":"plain","test_cases":[N of them]} */
void client_make(struct client *c, struct desk_world *w, const char *code, unsigned ncases);
void client_submit(struct client *c);
void client_watch(struct client *c, struct desk_job *j, uint64_t after_seq);
/* The verdict in last_json is this one. */
void client_check_verdict(const struct client *c, const char *verdict);
struct desk_job *client_job(const struct client *c);
void client_done(struct client *c);

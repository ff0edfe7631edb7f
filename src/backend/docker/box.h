/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One order in one container: what the runner is told and what it tells, until that is an outcome.  One docker_box per
 * lane, used again and again; a container never is.
 */
#pragma once

#include "backend/backend.h"
#include "backend/docker/pool.h"
#include "backend/taken.h"
#include "sandbox/pump.h"

struct sock_filter;

/* What boxes share; borrowed. */
struct box_host {
	sd_event *loop;
	struct pool *pool;
	const struct sock_filter *filter;
	unsigned filter_len, cpus;
	void (*on_hello)(void *user, const struct inbox_hello *hello);
	void (*on_trouble)(void *user, const char *job, const struct container_end *end);
	void (*on_free)(void *user, bool more); /* the answer is out */
	void *user;
};

struct docker_box {
	const struct box_host *host;
	bool busy;
	uint64_t id;
	struct backend_order order;
	struct facts facts;
	struct container *container; /* owned while busy */
	struct spec_limits want;
	struct pump out, err, artefact;
	struct taken_pump files;
	enum box_kill kill; /* what we asked for */
	bool sent, started, ended;
	struct inbox_end end;
	unsigned tries;
	uint64_t started_nsec;
	sd_event_source *timer, *live;
	int payload_fd; /* owned */
	uint64_t payload_bytes, payload_at, artefact_bytes, artefact_at, stdin_at;
	bool stdin_over;
};

void box_init(struct docker_box *b, const struct box_host *host);
/* 0, or a negative errno: then nothing is to come. The order's live_stdin_fd is taken over in any case. */
int box_begin(struct docker_box *b, const struct backend_order *order, uint64_t id,
	      struct err *err);
void box_cancel(struct docker_box *b, enum box_kill why);
/* Forgets what runs, without a word. */
void box_done(struct docker_box *b);

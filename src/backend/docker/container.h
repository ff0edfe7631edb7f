/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container from its creation to its removal, as a wire to the runner in it: made, attached, started, greeted;
 * then it waits for the one order of its life.  What is said over the wire is box.c's business.
 */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

#include "backend/docker/api.h"
#include "backend/docker/spec.h"
#include "backend/docker/stream.h"
#include "sandbox/runner/container/inbox.h"

enum container_state {
	CONTAINER_MAKING,
	CONTAINER_READY, /* the runner waits for an order */
	CONTAINER_TAKEN, /* it has one */
	CONTAINER_OVER,	 /* nothing is told of it any more; being removed */
};

/* How it ended, without an end message of the runner's. */
struct container_end {
	bool oom_killed;
	int exit_code;
	int error;     /* negative errno: it could not be made, or the engine failed */
	char step[32]; /* then: what failed */
	char why[256]; /* in the engine's words */
};

struct container;

struct container_events {
	void (*on_ready)(void *user);
	void (*on_message)(void *user, uint32_t kind, const void *data, size_t len);
	void (*on_room)(void *user);
	/* It is dead or cannot be made; once. Not after the runner's last message was taken and container_bury() called. */
	void (*on_gone)(void *user, const struct container_end *end);
};

struct containers;

struct container {
	enum container_state state;
	struct spec_limits limits;
	struct inbox_hello hello;
	char id[65];
	LIST_ENTRY(container) link;
};

/* All containers of one backend. host is borrowed. */
struct containers *containers_new(struct api *api, const struct spec_host *host);
/* Removes what is left, without the loop, and waits for that; ten seconds at most where an engine is silent. */
void containers_free(struct containers *all);

/* Begins to make one. NULL when out of memory. */
struct container *container_new(struct containers *all, const struct spec_limits *limits);
/* Whom it tells; at any time, NULL events: nobody. */
void container_watch(struct container *c, const struct container_events *events, void *user);
int container_write(struct container *c, const void *data, size_t len);
/* "SIGTERM" asks the runner to end it, "SIGKILL" asks nobody. */
void container_kill(struct container *c, const char *signal);
/* Ends and removes it, off everybody's path. The pointer is not to be used any more. */
void container_bury(struct container *c);

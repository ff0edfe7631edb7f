/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: what a service keeps of root, so that another tree takes no restart.
 *
 * It is forked before anything of a stranger is read, has nothing open but one end of a socket, and sleeps.  It knows one
 * order, "look again", which carries no text and nothing to choose from: what is looked at is what root wrote, by the paths
 * of the start.  At it the keeper forks a process that does what a start does (prepare.h): reads configuration and
 * languages, checks and opens the tree, starts a warden, gives up its rights, attacks every layer, proves the warm runners;
 * and then sends the warden's socket to the service.  Whatever goes wrong in it, the service goes on as it was.
 */
#pragma once

#include <sys/types.h>

#include "app/handover.h"

/* Wardens of its making that live at once: the one that serves, one whose jobs are ending, one in the making. */
#define KEEPER_WARDENS_MAX 3u
#define KEEPER_PREPARE_SEC 900 /* a large tree is read whole */

struct keeper_config {
	const struct settings *settings; /* of the start */
	/* The tree's word as it is configured by now, in the arena; NULL: as at the start. */
	int (*tree)(void *user, struct arena *arena, const char **ret, struct err *err);
	void *user;
	unsigned lanes;
	bool strict; /* a warm runner that was asked for must be had */
};

struct keeper {
	int sock;  /* owned */
	pid_t pid; /* our child, or 0 */
};

#define KEEPER_INIT \
	{ \
		.sock = -1 \
	}

/* As root, before anything of a stranger is read. What the config points to must be filled in already. */
int keeper_start(const struct keeper_config *c, struct keeper *ret, struct err *err);
int keeper_ask(const struct keeper *k, const struct identity *have);
/* 1: *ret is filled, and *fds with *nfds descriptors, the caller's. 0: it is gone. -EAGAIN, or another negative errno. */
int keeper_hear(const struct keeper *k, struct handover *ret, int fds[static HANDOVER_FDS],
		size_t *nfds);
/* Ends what it prepares. */
void keeper_hush(struct keeper *k);
/* The wardens must be ending: it waits for them, and this for it. */
void keeper_stop(struct keeper *k);

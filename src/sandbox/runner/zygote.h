/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A zygote: a launcher that has a language runtime started in it, so that its children need not start one.
 *
 * It lives in the lane's namespaces and tree, in a mount namespace of its own with a /proc, as root of the lane
 * with few capabilities, and holds nothing of any request: launches are numbers and descriptors, and what a
 * program is to run is mapped in the child alone.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/payload.h"

struct zygote_ops {
	/* Forks. NULL: raw clone3 with CLONE_PARENT. With a fork of its own the zygote is the parent, and reaps. */
	pid_t (*fork)(void *user);
	/* In the child, contained, before it waits: what is to be mended after a fork. May be NULL. */
	void (*settle)(void *user);
	void *user;
	/* After it, where the order has not come yet: touch what every run touches anyway. May be NULL. */
	void (*touch)(void *user);
};

/* First thing in a zygote: tethered to the warden, not dumpable, the filter loaded and its base on. 0 or a negative errno. */
int zygote_open(void);

/* A descriptor that the runtime needs in the child; all others above 2 are closed there. At most 32. */
void zygote_keep(int fd);

/*
 * Tells the warden that this zygote serves (error 0; the runtime's version), or why it cannot (negative errno; it should
 * exit then). One that shares writable memory with its children is refused, whatever it says: returns the error that was told.
 */
int zygote_ready(const char *version, int error, const char *why);

/* join.c: of each library's five mappings two. zygote_ready() does it, when all is loaded. */
void zygote_join_mappings(void);

/*
 * Serves launches until the warden is gone, and then exits.  Returns only in a child, which is then a contained and
 * released program: descriptors 0 to 2 in place, working directory and rlimits set, filter on, uid 1000 in a
 * user namespace of its own.  What it is to run is told by the view, which stays mapped.
 */
const struct payload_view *zygote_serve(const struct zygote_ops *ops);

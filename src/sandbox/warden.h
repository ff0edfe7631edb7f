/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only privileged process.  Takes fixed-size orders on one socket, parses no text, allocates nothing
 * by a user's size, has no threads.  It ends when the other end of its socket is closed: boxes are
 * killed, launchers ended, cgroups removed.
 */
#pragma once

#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"
#include "kernel/cgroup_place.h"
#include "kernel/seccomp_compile.h"
#include "model/limits.h"
#include "sandbox/lane.h"

/* Then another one takes a zygote's place. */
#define ZYGOTE_FORKS 5000u
#define ZYGOTE_AGE_NSEC (10 * 60 * NSEC_PER_SEC)

struct warden_config {
	const struct cgroup_place *place; /* of cgroups */
	bool rootless; /* we are uid 0 of a user namespace of our own, and nobody else can be had */
	const char *launcher_path;		      /* the static launcher; must be root's */
	struct tree_source tree;		      /* was checked; see tree.h */
	struct lane_runner runners[RUNNER_KINDS];     /* zygotes; see lane.h */
	unsigned lanes;				      /* 1 … WIRE_LANES_MAX - 1 */
	const struct seccomp_program *base, *closing; /* the filter, see seccomp_compile.h */
	struct limits caps;			      /* orders over them are refused */
	unsigned layers_off;			      /* see layers.h; 0 in every product build */
	unsigned zygote_forks;			      /* 0: ZYGOTE_FORKS */
	uint64_t zygote_age_nsec;		      /* 0: ZYGOTE_AGE_NSEC */
};

struct warden {
	int sock;	/* owned: orders out, reports in */
	pid_t pid;	/* our child, or 0: somebody else's */
	int pidfd;	/* owned */
	uid_t gate_uid; /* uid and gid to drop to */
};

/* Needs root, be it of a user namespace. Returns when every lane stands. The caller then drops its privileges. */
int warden_start(const struct warden_config *c, struct warden *ret, struct err *err);
#define WARDEN_INIT \
	{ \
		.sock = -1, .pidfd = -1 \
	}

/* Closes the socket and waits until the warden has cleaned up. */
void warden_stop(struct warden *w);

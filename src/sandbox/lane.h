/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lane: a slot that runs one box at a time.  Made once by the warden: namespaces, tree, cgroup leaf
 * and the launcher inside, which waits for orders on a socket.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "kernel/cgroup.h"

/* Where a launcher finds its two descriptors. */
#define LANE_SOCKET_FD 3
#define LANE_FILTER_FD 4

struct lane_config {
	int launcher_fd; /* the static launcher, borrowed */
	int filter_fd;	 /* sealed BPF program, borrowed */
	struct cgroup_root *cgroups;
	uint32_t layers_off;
};

struct lane {
	unsigned index;
	int sock;		 /* owned: to the launcher */
	pid_t launcher;		 /* owned: our child */
	struct cgroup_leaf leaf; /* owned */
};

/* Returns when the launcher stands in its namespaces and has been started. */
int lane_open(struct lane *l, unsigned index, const struct lane_config *c, struct err *err);
/* Ends the launcher and removes the leaf. The box must be dead. */
void lane_close(struct lane *l);

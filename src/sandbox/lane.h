/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lane: a slot that runs one box at a time.  Made once by the warden: namespaces, tree, cgroup leaf
 * and the launcher inside, which waits for orders on a socket.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "kernel/cgroup.h"
#include "model/language.h"
#include "sandbox/tree.h"

/* Where a launcher finds its two descriptors. */
#define LANE_SOCKET_FD 3
#define LANE_FILTER_FD 4

/*
 * How the file at LANE_FILTER_FD begins: the numbers of instructions of the filter's two parts, which follow. Both 0 where
 * the layer is off.
 */
struct lane_filter {
	uint32_t base, closing;
};

#define LANE_RUNNER_FILES 4

/* How the zygote of a runner is started. Paths of the host are trusted; an empty one: there is no such runner. */
struct lane_runner {
	const char *program; /* on the host: our own binary, or NULL */
	const char *path;    /* in the tree: the runtime's binary, or NULL */
	char *const *argv, *const *envp;
	/* Put into ZYGOTE_DIR of its own mount namespace. */
	struct {
		const char *name, *path;
	} files[LANE_RUNNER_FILES];
};

struct lane_config {
	int launcher_fd;		   /* the static launcher, borrowed */
	int filter_fd;			   /* sealed, a struct lane_filter, borrowed */
	const struct lane_runner *runners; /* RUNNER_KINDS of them */
	struct {
		int program, files[LANE_RUNNER_FILES]; /* -1: none */
		int error;			       /* why it cannot be started */
	} runner_fds[RUNNER_KINDS];
	struct tree_source tree; /* text borrowed */
	struct cgroup_root *cgroups;
	uint32_t layers_off;
	bool rootless;	     /* see warden_rootless.c */
	uint64_t open_files; /* the soft limit that launchers and zygotes get: not the warden's */
};

struct lane {
	unsigned index;
	int sock;		 /* owned: to the launcher */
	pid_t launcher;		 /* owned: our child */
	bool kept;		 /* its launcher and zygotes keep to one processor */
	struct cgroup_leaf leaf; /* owned */
};

/* Returns when the launcher stands in its namespaces and has been started. */
int lane_open(struct lane *l, unsigned index, const struct lane_config *c, struct err *err);
/* Opens what zygotes are started from. What is missing is told when one is asked for. */
void lane_runners_open(struct lane_config *c, const struct lane_runner *runners);
/*
 * Starts a zygote in the lane's namespaces: our end of its socket, and our child. It says on the socket whether it serves.
 */
int lane_zygote(struct lane *l, const struct lane_config *c, enum runner_kind runner, int *ret_sock,
		pid_t *ret_pid, struct err *err);
/* Boxes that it made go on. */
void lane_end_launcher(struct lane *l);
/* Ends the launcher and removes the leaf. The box must be dead. */
void lane_close(struct lane *l);

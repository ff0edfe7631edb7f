/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the launchers of all runners share: how a launch is taken, how a process is forked into a waiting
 * init's pid namespace, how it is answered.  A launcher never looks into a request: a launch is numbers and descriptors.
 */
#pragma once

#include "sandbox/box.h"

/*
 * Landlock's version and the filter from its descriptor.  From here on the base is on, in this thread and whatever it
 * forks: it must be the thread that forks programs. 0 or a negative errno.
 */
int launch_lane_load(struct box_lane *lane);

/* Waits for a launch and takes its descriptors. 1, 0 when the warden is gone, or a negative errno. */
int launch_recv(struct box *b, const struct box_lane *lane);

/*
 * Forks a program into init's pid namespace: raw clone3 with CLONE_PARENT, so that the warden is its parent and reaps it,
 * or `fork_fn`.  Returns the pid (0 in the child, where the launcher's own descriptors are closed) or a negative errno.
 */
pid_t launch_fork(struct box *b, pid_t (*fork_fn)(void *user), void *user, int *ret_pidfd);

/* In the parent: closes what came with the launch and answers, with the pid and pidfd, or a negative errno. The pidfd is closed. */
int launch_answer(struct box *b, pid_t pid, int pidfd);

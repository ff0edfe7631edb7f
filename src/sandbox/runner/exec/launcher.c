/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lane's own launcher, and that of the `exec` runner: a small static program that sits in the lane's
 * prepared namespaces, clones the inits of its boxes, and forks programs that exec.
 *
 * It is small and static because every page it has touched is copied or shared at every clone.  It is
 * told its lane by two descriptors: 3 is the socket to the warden, 4 a sealed file with the filter.
 * All clones are made with CLONE_PARENT, so that the warden itself is the parent and reaps them.
 */
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/lane.h"
#include "sandbox/layers.h"
#include "sandbox/runner/launch.h"

static pid_t clone_init(struct box *b, int *ret_pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PARENT | CLONE_PIDFD | CLONE_NEWPID | CLONE_NEWNS,
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
	};
	long pid;

	if (!layer_off(b->launch.layers_off, LAYER_IPCNS))
		args.flags |= CLONE_NEWIPC;
	if (!layer_off(b->launch.layers_off, LAYER_UTSNS))
		args.flags |= CLONE_NEWUTS;
	if (b->launch.cgroup_version == 2 && b->launch.njoin == 1) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)b->join_fds[0];
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		close(LANE_SOCKET_FD);
		box_init_main(b);
	}
	return pid < 0 ? -errno : (pid_t)pid;
}

static pid_t fork_program(struct box *b, int *ret_pidfd)
{
	pid_t pid = launch_fork(b, NULL, NULL, ret_pidfd);

	if (pid == 0) {
		box_program_enter(b, NULL);
		box_program_exec(b);
	}
	return pid;
}

int main(void)
{
	static struct box_lane lane;
	static struct box b; /* large (argument vectors); one process at a time */

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (launch_lane_load(&lane) < 0)
		return 1;
	while (launch_recv(&b, &lane) > 0) {
		int pidfd = -1;
		pid_t pid = b.launch.kind == LAUNCH_INIT ? clone_init(&b, &pidfd)
							 : fork_program(&b, &pidfd);

		if (launch_answer(&b, pid, pidfd) < 0)
			break;
	}
	return 0;
}

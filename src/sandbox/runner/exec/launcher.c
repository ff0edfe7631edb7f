/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher of the `exec` runner: one per lane, a small static program that sits in the lane's
 * prepared namespaces and, at each order, clones an init for one box.
 *
 * It is small and static because every page it has touched is copied or shared at every clone.  It is
 * told its lane by two descriptors: 3 is the socket to the warden, 4 a sealed file with the filter.
 * It never looks into a request: an order is numbers and descriptors.  The clone is made with
 * CLONE_PARENT, so that the warden itself is the parent of every init and reaps it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/landlock.h"
#include "sandbox/box.h"
#include "sandbox/lane.h"
#include "sandbox/layers.h"

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

static int load_filter(struct box_lane *lane)
{
	struct stat st;
	void *p;

	if (fstat(LANE_FILTER_FD, &st) < 0 || st.st_size == 0 ||
	    st.st_size % (off_t)sizeof(struct sock_filter))
		return -EBADMSG;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, LANE_FILTER_FD,
		 0);
	if (p == MAP_FAILED)
		return -errno;
	lane->filter.filter = p;
	lane->filter.len = (unsigned short)((size_t)st.st_size / sizeof(struct sock_filter));
	close(LANE_FILTER_FD);
	return 0;
}

static int take_descriptors(struct box *b, const int *fds, size_t n)
{
	size_t artefact = (b->launch.flags & (ORDER_ARTEFACT_IN | ORDER_ARTEFACT_OUT)) != 0;

	if (b->launch.njoin > 8 || n != LAUNCH_FIXED_FDS + artefact + b->launch.njoin)
		return -EPROTO;
	memcpy(b->fds, fds, sizeof(b->fds));
	b->artefact_fd = artefact ? fds[LAUNCH_FIXED_FDS] : -1;
	memcpy(b->join_fds, fds + LAUNCH_FIXED_FDS + artefact, b->launch.njoin * sizeof(int));
	return 0;
}

static int clone_init(struct box *b, struct launched *reply)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_PARENT | CLONE_PIDFD | CLONE_NEWPID | CLONE_NEWNS,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
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
	reply->error = pid < 0 ? -errno : 0;
	reply->pid = (int32_t)pid;
	return pidfd;
}

/* One order. Returns 0 at end of file. */
static int serve(const struct box_lane *lane)
{
	static struct box b; /* large (argument vectors); one box at a time */
	struct launched reply = { 0 };
	int fds[FD_PASS_MAX], pidfd = -1, r;
	size_t n = FD_PASS_MAX;

	r = fd_recv_frame(LANE_SOCKET_FD, &b.launch, sizeof(b.launch), fds, &n);
	if (r <= 0)
		return r;
	b.lane = lane;
	b.box_dirfd = b.go_fd = -1;
	reply.box = b.launch.box;
	reply.error = take_descriptors(&b, fds, n);
	if (reply.error == 0)
		pidfd = clone_init(&b, &reply);
	/* Closed before the answer: once the box is dead its pipes have no writer left. */
	close_all(fds, n);
	r = fd_send_frame(LANE_SOCKET_FD, &reply, sizeof(reply), &pidfd, pidfd >= 0);
	if (pidfd >= 0)
		close(pidfd);
	return r < 0 ? r : 1;
}

int main(void)
{
	static struct box_lane lane;

	lane.landlock_abi = landlock_abi();
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (load_filter(&lane) < 0)
		return 1;
	while (serve(&lane) > 0)
		;
	return 0;
}

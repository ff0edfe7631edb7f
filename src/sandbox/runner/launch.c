/* SPDX-License-Identifier: Apache-2.0 */
/* See launch.h. */
#include "sandbox/runner/launch.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/landlock.h"
#include "sandbox/lane.h"
#include "sandbox/layers.h"

/* Whole, of both parts; only a build for tests can have neither. */
static bool filter_is_sound(const struct lane_filter *f, off_t size)
{
	off_t want = (off_t)sizeof(*f) +
		     ((off_t)f->base + f->closing) * (off_t)sizeof(struct sock_filter);

	if (size != want || f->base > BPF_MAXINSNS || f->closing > BPF_MAXINSNS)
		return false;
	return (f->base && f->closing) ||
	       (!f->base && !f->closing && layer_off(~0u, LAYER_SECCOMP));
}

/* No no_new_privs here: a launcher has CAP_SYS_ADMIN, and init and the programs say for themselves when to have it. */
int launch_lane_load(struct box_lane *lane)
{
	struct sock_fprog base;
	struct lane_filter *f;
	struct stat st;

	lane->landlock_abi = landlock_abi();
	/* Nobody has us keep to one yet, nor ever does where this fails. */
	sched_getaffinity(0, sizeof(lane->cpus), &lane->cpus);
	if (fstat(LANE_FILTER_FD, &st) < 0 || st.st_size < (off_t)sizeof(*f))
		return -EBADMSG;
	f = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, LANE_FILTER_FD,
		 0);
	if (f == MAP_FAILED)
		return -errno;
	close(LANE_FILTER_FD);
	if (!filter_is_sound(f, st.st_size))
		return -EBADMSG;
	base.len = (unsigned short)f->base;
	base.filter = (struct sock_filter *)(void *)(f + 1);
	lane->closing.len = (unsigned short)f->closing;
	lane->closing.filter = base.filter + f->base;
	if (f->base && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &base) < 0)
		return -errno;
	return 0;
}

/* Both kinds name their descriptors in the order of enum launch_fd; an init has only the first of them. */
static void launch_slots(struct box *b, int **slots)
{
	slots[LAUNCH_NOTE] = &b->note_fd;
	slots[LAUNCH_PEER] = &b->peer_fd;
	slots[LAUNCH_INIT_PIDFD] = &b->init_pidfd;
	slots[LAUNCH_USAGE] = &b->usage_fd;
	slots[LAUNCH_MEMORY] = &b->memory_fd;
}

static size_t launch_fixed(const struct box *b)
{
	return b->launch.kind == LAUNCH_INIT ? LAUNCH_NOTE + 1 : LAUNCH_FDS;
}

static void close_taken(struct box *b)
{
	int *slots[LAUNCH_FDS];

	launch_slots(b, slots);
	for (size_t i = 0; i < launch_fixed(b); i++)
		close(TAKE_FD(*slots[i]));
	for (uint32_t i = 0; i < b->launch.njoin; i++)
		close(TAKE_FD(b->join_fds[i]));
}

int launch_recv(struct box *b, const struct box_lane *lane)
{
	int fds[FD_PASS_MAX], *slots[LAUNCH_FDS], r;
	size_t n = FD_PASS_MAX, fixed;

	memset(b, 0, offsetof(struct box, payload));
	r = fd_recv_frame(LANE_SOCKET_FD, &b->launch, sizeof(b->launch), fds, &n);
	if (r <= 0)
		return r;
	fixed = launch_fixed(b) + (b->launch.bury != 0);
	/* The warden is ours: a frame of another shape means that one of us is broken. */
	if (b->launch.njoin > CGROUP_JOIN_MAX || n != fixed + b->launch.njoin)
		return -EPROTO;
	b->lane = lane;
	b->box_dirfd = b->program_peer_fd = b->listener_fd = b->bury_fd = b->rules_fd = -1;
	launch_slots(b, slots);
	for (size_t i = 0; i < launch_fixed(b); i++)
		*slots[i] = fds[i];
	if (b->launch.bury)
		b->bury_fd = fds[fixed - 1];
	memcpy(b->join_fds, fds + fixed, b->launch.njoin * sizeof(int));
	return 1;
}

static pid_t clone_program(struct box *b, int *ret_pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PARENT | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
	};
	long pid;

	if (b->launch.cgroup_version == 2 && b->launch.njoin == 1) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)b->join_fds[0];
		b->joined = true;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	return pid < 0 ? -errno : (pid_t)pid;
}

pid_t launch_fork(struct box *b, pid_t (*fork_fn)(void *user), void *user, int *ret_pidfd)
{
	static int own_pidns = -1;
	pid_t pid;

	if (own_pidns < 0)
		own_pidns = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (own_pidns < 0 || setns(b->init_pidfd, CLONE_NEWPID) < 0)
		return -errno;
	*ret_pidfd = -1;
	if (fork_fn) {
		pid = fork_fn(user);
		if (pid > 0)
			*ret_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		else if (pid < 0)
			pid = -errno;
	} else {
		pid = clone_program(b, ret_pidfd);
	}
	if (pid == 0) {
		close(LANE_SOCKET_FD);
		close(own_pidns); /* not taken: that would copy a page, and a child never comes here */
		return 0;
	}
	/* A launcher that cannot come back would put everything it forks into this box. */
	if (setns(own_pidns, CLONE_NEWPID) < 0)
		_exit(1);
	return pid;
}

int launch_answer(struct box *b, pid_t pid, int pidfd)
{
	struct launched reply = { .kind = LAUNCHED, .serial = b->launch.serial };
	int r;

	if (pid < 0)
		reply.error = pid;
	else
		reply.pid = pid;
	/* Closed before the answer: once the box is dead nobody else holds its sockets. */
	close_taken(b);
	r = fd_send_frame(LANE_SOCKET_FD, &reply, sizeof(reply), &pidfd, pidfd >= 0);
	fd_drop(&pidfd);
	fd_drop(&b->bury_fd);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See zygote.h.  The loop writes to its stack and one mapping of its own only: a zygote that writes into its heap or its data
 * between forks would copy pages at every one of them, and split its huge pages for good: 512 small ones, whose
 * entries each fork copies, are a thirtieth of a warm run.
 *
 * A child of a runtime's own fork() is not the warden's to wait for.  The zygote then reads its status and passes it
 * on; that it is dead the warden sees by itself.
 */
#include "sandbox/runner/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/wait.h"
#include "sandbox/lane.h"
#include "sandbox/runner/launch.h"

#define KEEP_MAX 32

static struct box_lane lane;
static struct box *box;
static int keep[KEEP_MAX]; /* what the runtime needs in the child */
static size_t nkeep;

int zygote_open(void)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	box = mmap(NULL, sizeof(*box), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (box == MAP_FAILED)
		return -errno;
	return launch_lane_load(&lane);
}

void zygote_keep(int fd)
{
	if (nkeep < KEEP_MAX)
		keep[nkeep++] = fd;
}

/*
 * What a child can write, no other child may read: a shared mapping would be a channel from one submission to
 * the next, and a hand on the zygote itself. Unknown counts as one.
 */
static bool shares_memory(void)
{
	unsigned long from, to;
	char line[512], mode[8];
	bool shares = false;
	FILE *f = fopen("/proc/self/maps", "re");

	if (!f)
		return true;
	while (fgets(line, sizeof(line), f))
		shares |= sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && mode[1] == 'w' &&
			  mode[3] == 's';
	fclose(f);
	return shares;
}

int zygote_ready(const char *version, int error, const char *why)
{
	struct launched ready = { .kind = LAUNCHED_READY, .error = error };

	if (error == 0 && shares_memory()) {
		ready.error = -EPERM;
		error = -EPERM;
		why = "its children would share memory that they can write";
	}
	if (error == 0)
		zygote_join_mappings();
	strncpy(ready.text, error ? why : version, sizeof(ready.text) - 1);
	fd_send_frame(LANE_SOCKET_FD, &ready, sizeof(ready), NULL, 0);
	return error;
}

/* The one program that this zygote is parent of; a lane runs one box at a time. */
static struct {
	pid_t pid;
	int pidfd;
	uint64_t serial;
} ward = { .pidfd = -1 };

static void tell_status(void)
{
	struct launched gone = { .kind = LAUNCHED_STATUS, .serial = ward.serial };
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)ward.pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
		return;
	gone.wait_status = wait_status(&info);
	if (fd_send_frame(LANE_SOCKET_FD, &gone, sizeof(gone), NULL, 0) < 0)
		_exit(1);
	/* Reaped only now: whoever kills us in between leaves the warden the frame or the child. */
	waitpid(ward.pid, NULL, 0);
	close(TAKE_FD(ward.pidfd));
}

/* A launch is there to be taken; programs that ended meanwhile are told of. */
static void await_launch(void)
{
	for (;;) {
		struct pollfd p[] = { { .fd = LANE_SOCKET_FD, .events = POLLIN },
				      { .fd = ward.pidfd, .events = POLLIN } };

		if (poll(p, ARRAY_SIZE(p), -1) < 0)
			continue;
		if (ward.pidfd >= 0 && p[1].revents)
			tell_status();
		if (p[0].revents)
			return;
	}
}

static const struct zygote_ops *the_ops;

static void settle(struct box *b)
{
	if (the_ops->settle)
		the_ops->settle(the_ops->user);
	if (the_ops->touch && b->launch.ahead)
		the_ops->touch(the_ops->user);
}

static const struct payload_view *enter(void)
{
	if (ward.pidfd >= 0)
		close(TAKE_FD(ward.pidfd));
	box_program_enter(box, settle);
	if (box_close_but(3, keep, nkeep) < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		_exit(125);
	return &box->payload;
}

const struct payload_view *zygote_serve(const struct zygote_ops *ops)
{
	the_ops = ops;
	for (;;) {
		int pidfd = -1;
		pid_t pid;

		if (ops->fork)
			await_launch();
		if (launch_recv(box, &lane) <= 0)
			_exit(0);
		pid = launch_fork(box, ops->fork, ops->user, &pidfd);
		if (pid == 0)
			return enter();
		if (pid > 0 && ops->fork) {
			ward.pid = pid;
			ward.serial = box->launch.serial;
			ward.pidfd = pidfd >= 0 ? fcntl(pidfd, F_DUPFD_CLOEXEC, 3) : -1;
		}
		if (launch_answer(box, pid, pidfd) < 0)
			_exit(1);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A zygote that lies to the warden, each time that it is asked to fork, in the way that its first argument names; the
 * second is the pid of a bystander.  Where it tells the truth it is an exec launcher.  For test_zygotes.py.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/wait.h"
#include "sandbox/lane.h"
#include "sandbox/runner/launch.h"

#define LATE_MSEC 600
#define FLOOD 20000

static struct box_lane lane;
static struct box box;
static pid_t bystander;

static void say(uint32_t kind, uint64_t serial, int error, pid_t pid, int fd)
{
	struct launched told = { .kind = kind, .serial = serial, .error = error, .pid = pid };

	strcpy(told.text, error ? "not today" : "1.0");
	fd_send_frame(LANE_SOCKET_FD, &told, sizeof(told), &fd, fd >= 0);
}

static void launched(pid_t pid, int fd)
{
	say(LAUNCHED, box.launch.serial, 0, pid, fd);
}

static int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* The first process of this name that our parent has. */
static pid_t sibling(const char *name)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	while (proc && !found && (e = readdir(proc))) {
		char path[300], text[256] = "", comm[64] = "";
		int fd, parent = 0;

		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (fd_read_text(fd, text, sizeof(text)) > 0 &&
		    sscanf(text, "%*d (%63[^)]) %*c %d", comm, &parent) == 2 &&
		    parent == getppid() && !strcmp(comm, name))
			found = atoi(e->d_name);
		close(fd);
	}
	if (proc)
		closedir(proc);
	return found;
}

/* ---- lies about processes ---- */

static void lie_no_pidfd(void)
{
	launched(getpid(), -1);
}

static void lie_self(void)
{
	launched(getpid(), pidfd_of(getpid()));
}

static void lie_warden(void)
{
	launched(getppid(), pidfd_of(getppid()));
}

static void lie_bystander(void)
{
	launched(bystander, pidfd_of(bystander));
}

static void lie_launcher(void)
{
	pid_t pid = sibling("kodewar-launcher");

	launched(pid, pidfd_of(pid));
}

/* A child of the warden indeed, under a number that nobody knows. */
static void lie_init(void)
{
	launched(4000000, fcntl(box.init_pidfd, F_DUPFD_CLOEXEC, 10));
}

static void lie_null(void)
{
	launched(bystander, open("/dev/null", O_RDWR | O_CLOEXEC));
}

static void lie_event(void)
{
	launched(bystander, eventfd(1, EFD_CLOEXEC));
}

/* ---- lies about answers ---- */

static void lie_error(void)
{
	say(LAUNCHED, box.launch.serial, -EAGAIN, 0, -1);
}

static void lie_serial_next(void)
{
	say(LAUNCHED, box.launch.serial + 1, 0, bystander, pidfd_of(bystander));
}

static void lie_serial_zero(void)
{
	say(LAUNCHED, 0, 0, bystander, pidfd_of(bystander));
}

static void lie_short(void)
{
	fd_send_frame(LANE_SOCKET_FD, "x", 1, NULL, 0);
}

static void lie_long(void)
{
	static char frame[4096];

	fd_send_frame(LANE_SOCKET_FD, frame, sizeof(frame), NULL, 0);
}

static void lie_empty(void)
{
	int fd = pidfd_of(bystander);

	fd_send_frame(LANE_SOCKET_FD, "", 0, &fd, 1);
}

static void lie_kind(void)
{
	say(77, box.launch.serial, 0, bystander, pidfd_of(bystander));
}

static void lie_ready_again(void)
{
	say(LAUNCHED_READY, 0, 0, 0, -1);
}

static void lie_status_early(void)
{
	say(LAUNCHED_STATUS, box.launch.serial, 0, 0, -1);
}

/* The warden has read it when this returns, or has ended us. */
static void lie_status_of_living(void)
{
	int unread = 1;

	lie_status_early();
	while (ioctl(LANE_SOCKET_FD, SIOCOUTQ, &unread) == 0 && unread > 0)
		sched_yield();
}

/* The truth, but it does not reap whom it tells of. */
static void lie_status_of_dead(void)
{
	struct launched told = { .kind = LAUNCHED_STATUS, .serial = box.launch.serial };
	siginfo_t info = { 0 };

	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	told.wait_status = wait_status(&info);
	fd_send_frame(LANE_SOCKET_FD, &told, sizeof(told), NULL, 0);
}

/* The truth, told late: meanwhile its box cannot end. */
static void lie_late(void)
{
	siginfo_t info = { 0 };

	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	poll(NULL, 0, LATE_MSEC);
	lie_status_of_dead();
	waitpid(info.si_pid, NULL, 0);
}

static void lie_many_descriptors(void)
{
	struct launched told = { .kind = LAUNCHED, .serial = box.launch.serial, .pid = bystander };
	int fds[FD_PASS_MAX];

	for (int i = 0; i < FD_PASS_MAX; i++)
		fds[i] = pidfd_of(bystander);
	fd_send_frame(LANE_SOCKET_FD, &told, sizeof(told), fds, FD_PASS_MAX);
}

static void lie_flood_answers(void)
{
	for (int i = 0; i < FLOOD; i++)
		say(LAUNCHED, (uint64_t)i, 0, bystander, i % 100 ? -1 : pidfd_of(bystander));
}

static void lie_flood_status(void)
{
	for (int i = 0; i < FLOOD; i++)
		say(LAUNCHED_STATUS, (uint64_t)i, 0, 0, -1);
}

static void lie_close(void)
{
	close(LANE_SOCKET_FD);
	pause();
}

static void lie_exit(void)
{
	_exit(0);
}

static void lie_stop(void)
{
	raise(SIGSTOP);
}

/* ---- lies about itself: it is not what it was when it became ready ---- */

static void *idle(void *unused)
{
	pause();
	return unused;
}

static void lie_thread(void)
{
	static pthread_t thread;

	if (!thread && pthread_create(&thread, NULL, idle, NULL) != 0)
		_exit(1);
}

static void lie_hoard(void)
{
	static int hoard = -1;

	if (hoard < 0)
		hoard = open("/dev/null", O_RDONLY | O_CLOEXEC);
	hoard = fcntl(hoard, F_DUPFD_CLOEXEC, 10);
}

/* One at a time: it is closed with the next fork. */
static void lie_close_late(void)
{
	static int kept = -1;

	fd_drop(&kept);
	kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* ---- children who lie: nothing of them is contained, and they note what they like ---- */

static void note(uint32_t kind, uint64_t time_nsec, int fd)
{
	struct note n = { .kind = kind, .time_nsec = time_nsec, .artefact = 1 };

	fd_send_frame(box.note_fd, &n, sizeof(n), &fd, fd >= 0);
}

static void child_flood(void)
{
	for (;;)
		note(77, 0, -1);
}

static void child_short(void)
{
	fd_send_frame(box.note_fd, "x", 1, NULL, 0);
}

static void child_starts_early(void)
{
	note(NOTE_STARTED, clock_now_nsec(), -1);
}

static void child_event_listener(void)
{
	note(NOTE_WAITING, 0, eventfd(1, EFD_CLOEXEC));
}

static void child_harvested(void)
{
	note(NOTE_HARVESTED, 0, -1);
}

static void child_ready(void)
{
	note(NOTE_READY, 0, eventfd(0, 0));
}

static void child_waits_twice(void)
{
	note(NOTE_WAITING, 0, eventfd(0, EFD_CLOEXEC));
	note(NOTE_WAITING, 0, eventfd(0, EFD_CLOEXEC));
}

static void child_in_future(void)
{
	const struct peer born = { .kind = PEER_BORN, .pid = (int32_t)syscall(SYS_getpid) };

	unshare(CLONE_NEWUSER);
	fd_send_frame(box.peer_fd, &born, sizeof(born), NULL, 0);
	recv(box.peer_fd, &box.go, sizeof(box.go), 0);
	note(NOTE_WAITING, 0, eventfd(0, EFD_CLOEXEC));
	recv(box.peer_fd, &box.go, sizeof(box.go), 0);
	note(NOTE_STARTED, UINT64_MAX, -1);
}

/* ---- */

static const struct lie {
	const char *name;
	void (*instead)(void); /* of forking and answering */
	void (*after)(void);   /* a true fork and answer */
	void (*first)(void);   /* the same, while the child does nothing yet */
	void (*child)(void);   /* in a true child, which does nothing else */
	bool parent;	       /* it forks as a parent, for a runner whose zygotes reap */
	bool mute;	       /* it dies between fork and answer */
	bool outside;	       /* its child is the warden's, but in no box */
} lies[] = {
	{ "truth" },
	{ "no-pidfd", .instead = lie_no_pidfd },
	{ "self", .instead = lie_self },
	{ "warden", .instead = lie_warden },
	{ "bystander", .instead = lie_bystander },
	{ "launcher", .instead = lie_launcher },
	{ "init", .instead = lie_init },
	{ "null", .instead = lie_null },
	{ "event", .instead = lie_event },
	{ "error", .instead = lie_error },
	{ "serial-next", .instead = lie_serial_next },
	{ "serial-zero", .instead = lie_serial_zero },
	{ "short", .instead = lie_short },
	{ "long", .instead = lie_long },
	{ "empty", .instead = lie_empty },
	{ "kind", .instead = lie_kind },
	{ "ready-again", .instead = lie_ready_again },
	{ "status-early", .instead = lie_status_early },
	{ "many-descriptors", .instead = lie_many_descriptors },
	{ "flood-answers", .instead = lie_flood_answers },
	{ "flood-status", .instead = lie_flood_status },
	{ "close", .instead = lie_close },
	{ "exit", .instead = lie_exit },
	{ "stop", .instead = lie_stop },
	{ "child-flood", .child = child_flood },
	{ "child-short", .child = child_short },
	{ "child-starts-early", .child = child_starts_early },
	{ "child-event-listener", .child = child_event_listener },
	{ "child-harvested", .child = child_harvested },
	{ "child-ready", .child = child_ready },
	{ "child-waits-twice", .child = child_waits_twice },
	{ "child-in-future", .child = child_in_future },
	{ "impostor", .child = child_event_listener, .outside = true },
	{ "status-of-living", .first = lie_status_of_living, .parent = true },
	{ "unreaped", .after = lie_status_of_dead, .parent = true },
	{ "late", .after = lie_late, .parent = true },
	{ "status-never", .parent = true },
	{ "stop-after", .after = lie_stop, .parent = true },
	{ "exit-unanswered", .parent = true, .mute = true },
	{ "exit-unanswered-clone", .mute = true },
	{ "exit-after", .after = lie_exit, .parent = true },
	{ "thread", .after = lie_thread },
	{ "hoard", .after = lie_hoard },
	{ "close-late", .after = lie_close_late },
};

static pid_t true_fork(void *user)
{
	(void)user;
	return fork();
}

/* In no box, and waits as one that is. */
static pid_t fork_outside(int *ret_pidfd)
{
	struct clone_args args = { .flags = CLONE_PARENT | CLONE_PIDFD,
				   .pidfd = (uint64_t)(uintptr_t)ret_pidfd };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static void fork_truly(const struct lie *lie)
{
	int pidfd = -1, gate[2] = { -1, -1 };
	pid_t pid = lie->first && pipe2(gate, O_CLOEXEC) < 0 ? -errno
		    : lie->outside
			    ? fork_outside(&pidfd)
			    : launch_fork(&box, lie->parent ? true_fork : NULL, NULL, &pidfd);

	if (pid == 0) {
		char c;

		fd_drop(&gate[1]);
		if (lie->first && read(gate[0], &c, 1) < 0)
			_exit(1);
		if (lie->child) {
			prctl(PR_SET_NAME, "liars-child");
			alarm(30); /* who is in no box is left alone, and is not to stay for ever */
			lie->child();
			pause();
		}
		box_program_enter(&box, NULL);
		box_program_exec(&box);
	}
	if (lie->mute)
		_exit(0);
	launch_answer(&box, pid, pidfd);
	if (lie->first)
		lie->first();
	fd_drop(&gate[0]);
	fd_drop(&gate[1]);
	if (lie->after)
		lie->after();
}

static void serve(const struct lie *lie)
{
	while (launch_recv(&box, &lane) > 0) {
		if (lie->instead) {
			lie->instead();
			syscall(SYS_close_range, LANE_SOCKET_FD + 1, ~0u, 0);
		} else {
			fork_truly(lie);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 3 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    launch_lane_load(&lane) < 0)
		return 1;
	bystander = atoi(argv[2]);
	if (!strcmp(argv[1], "dies-unready"))
		return 0;
	if (!strcmp(argv[1], "cannot")) {
		say(LAUNCHED_READY, 0, -ENOTSUP, 0, -1);
		return 0;
	}
	if (!strcmp(argv[1], "too-early"))
		lie_bystander();
	say(LAUNCHED_READY, 0, 0, 0, -1);
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++)
		if (!strcmp(lies[i].name, argv[1]))
			serve(&lies[i]);
	return 0;
}

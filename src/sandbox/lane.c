/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See lane.h.  The lane's child prepares its own namespaces and then becomes the launcher by exec, so
 * that nothing of the warden's memory stays in it.  A failure before the exec is told on a
 * close-on-exec pipe as a whole struct err.
 */
#include "sandbox/lane.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/caps.h"
#include "kernel/open_files.h"
#include "sandbox/layers.h"
#include "sandbox/tree.h"
#include "sandbox/wire_box.h"

static int enter_namespaces(const struct lane_config *c, struct err *err)
{
	int flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
	int r = tree_stand(&c->tree, err);

	if (r < 0)
		return r;
	if (!layer_off(c->layers_off, LAYER_NETNS))
		flags |= CLONE_NEWNET;
	if (unshare(flags) < 0)
		return err_set(err, errno, "make the lane's namespaces");
	/*
	 * A session keyring of its own, not that of whoever started the service. Where keys cannot be
	 * had at all (ENOSYS, or EPERM from a container's filter) there is none to leave.
	 */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS &&
	    errno != EPERM)
		return err_set(err, errno, "leave the session keyring");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_set(err, errno, "make mounts private");
	if (sethostname("kodewar", 7) < 0 || setdomainname("", 0) < 0)
		return err_set(err, errno, "set the lane's host name");
	return tree_enter(&c->tree, c->layers_off, c->rootless, err);
}

/* Descriptors 0-2 are /dev/null, 3 the socket, 4 the filter; launcher and report are close-on-exec. */
static int place_descriptors(int *sock, int *filter, int *launcher, int *report, struct err *err)
{
	int *all[] = { sock, filter, launcher, report };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		*all[i] = fcntl(*all[i], F_DUPFD_CLOEXEC, 16);
		if (*all[i] < 0)
			return err_set(err, errno, "place descriptors");
	}
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
	    dup2(*sock, LANE_SOCKET_FD) < 0 || dup2(*filter, LANE_FILTER_FD) < 0)
		return err_set(err, errno, "place descriptors");
	if (syscall(SYS_close_range, 5u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) < 0)
		return err_set(err, errno, "mark descriptors");
	return 0;
}

/* Programs inherit these: neither the warden's priority nor what it or its parent ignored. */
static void forget_parent(void)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	setpriority(PRIO_PROCESS, 0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void lane_child(const struct lane_config *c, int sock, int report) __attribute__((noreturn));

static void lane_child(const struct lane_config *c, int sock, int report)
{
	char *const argv[] = { "kodewar-launcher", NULL }, *const envp[] = { NULL };
	int launcher = c->launcher_fd, filter = c->filter_fd;
	struct err err = ERR_INIT;
	ssize_t n;

	forget_parent();
	if (place_descriptors(&sock, &filter, &launcher, &report, &err) == 0 &&
	    enter_namespaces(c, &err) == 0) {
		open_files_set(
			c->open_files); /* only now: up to here we have all that the warden has */
		syscall(SYS_execveat, launcher, "", argv, envp, AT_EMPTY_PATH);
		err_set(&err, errno, "start the launcher");
	}
	n = write(report, &err, sizeof(err));
	(void)n;
	_exit(125);
}

static int start_launcher(struct lane *l, const struct lane_config *c, struct err *err)
{
	_cleanup_close_ int report_r = -1, report_w = -1, theirs = -1;
	int pair[2];
	struct err told;
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, errno, "make the launcher's socket");
	l->sock = pair[0];
	theirs = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_set(err, errno, "make a pipe");
	report_r = pair[0];
	report_w = pair[1];
	l->launcher = fork();
	if (l->launcher < 0)
		return err_set(err, errno, "fork the launcher");
	if (l->launcher == 0)
		lane_child(c, theirs, report_w);
	close(TAKE_FD(report_w));
	n = fd_read_full(report_r, &told, sizeof(told));
	if (n == 0)
		return 0;
	if (n != sizeof(told))
		return err_set(err, EPROTO, "start the launcher");
	told.text[sizeof(told.text) - 1] = '\0';
	if (err)
		*err = told;
	return told.code;
}

/* ---- zygotes ---- */

void lane_runners_open(struct lane_config *c, const struct lane_runner *runners)
{
	c->runners = runners;
	for (int k = 0; k < RUNNER_KINDS; k++) {
		const struct lane_runner *r = &runners[k];

		c->runner_fds[k].program = -1;
		c->runner_fds[k].error = r->program || r->path ? 0 : ENOTSUP;
		if (r->program &&
		    (c->runner_fds[k].program = open(r->program, O_RDONLY | O_CLOEXEC)) < 0)
			c->runner_fds[k].error = errno;
		for (int i = 0; i < LANE_RUNNER_FILES; i++) {
			int fd = r->files[i].path ? open(r->files[i].path, O_RDONLY | O_CLOEXEC)
						  : -1;

			if (r->files[i].path && fd < 0)
				c->runner_fds[k].error = errno;
			c->runner_fds[k].files[i] = fd;
		}
	}
}

static int copy_file(int from, const char *name)
{
	_cleanup_close_ int to = -1;
	char path[128];
	off_t at = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", ZYGOTE_DIR, name);
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (to < 0)
		return -errno;
	while ((n = sendfile(to, from, &at, 1 << 20)) > 0)
		;
	return n < 0 ? -errno : 0;
}

/* The lane's namespaces, and a mount namespace of its own with what only the zygote sees. */
static int enter_lane(pid_t launcher, const struct lane_runner *runner, const int *files,
		      struct err *err)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, launcher, 0);
	int r;

	if (pidfd < 0 ||
	    setns(pidfd, CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET) < 0 ||
	    unshare(CLONE_NEWNS) < 0)
		return err_set(err, errno, "enter the lane");
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS &&
	    errno != EPERM)
		return err_set(err, errno, "leave the session keyring");
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ||
	    mount("kodewar", ZYGOTE_DIR, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=16m") < 0)
		return err_set(err, errno, "mount what a zygote needs");
	for (int i = 0; i < LANE_RUNNER_FILES; i++)
		if (files[i] >= 0 && (r = copy_file(files[i], runner->files[i].name)) < 0)
			return err_set(err, r, "copy %s", runner->files[i].name);
	return 0;
}

static void zygote_child(const struct lane *l, const struct lane_config *c, enum runner_kind k,
			 int sock) __attribute__((noreturn));

static void zygote_child(const struct lane *l, const struct lane_config *c, enum runner_kind k,
			 int sock)
{
	static const int caps[] = { CAP_SYS_ADMIN, CAP_SYS_CHROOT, CAP_SYS_PTRACE, CAP_SETUID,
				    CAP_SETGID };
	const struct lane_runner *runner = &c->runners[k];
	int program = c->runner_fds[k].program, filter = c->filter_fd, unused = -1;
	struct launched told = { .kind = LAUNCHED_READY };
	struct err err = ERR_INIT;

	forget_parent();
	unused = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (program < 0)
		program = dup(unused);
	if (enter_lane(l->launcher, runner, c->runner_fds[k].files, &err) == 0 &&
	    place_descriptors(&sock, &filter, &program, &unused, &err) == 0) {
		open_files_set(c->open_files);
		if (caps_bound(caps, ARRAY_SIZE(caps)) < 0 || chdir("/") < 0)
			err_set(&err, errno, "drop capabilities");
		else if (runner->program)
			syscall(SYS_execveat, program, "", runner->argv, runner->envp,
				AT_EMPTY_PATH);
		else
			execve(runner->path, runner->argv, runner->envp);
		err_set(&err, errno, "start %s", runner->argv[0]);
	}
	told.error = err.code ? err.code : -EIO;
	snprintf(told.text, sizeof(told.text), "%.95s", err.text);
	fd_send_frame(sock, &told, sizeof(told), NULL, 0);
	_exit(125);
}

int lane_zygote(struct lane *l, const struct lane_config *c, enum runner_kind runner, int *ret_sock,
		pid_t *ret_pid, struct err *err)
{
	_cleanup_close_ int ours = -1, theirs = -1;
	int pair[2], r;
	pid_t pid;

	if (c->runner_fds[runner].error)
		return err_set(err, c->runner_fds[runner].error, "the %s runner is not installed",
			       runner_names[runner]);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, errno, "make a zygote's socket");
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return err_set(err, errno, "fork a zygote");
	if (pid == 0)
		zygote_child(l, c, runner, theirs);
	*ret_pid = pid;
	r = cgroup_join_control(c->cgroups, pid, err);
	*ret_sock = TAKE_FD(ours);
	return r;
}

int lane_open(struct lane *l, unsigned index, const struct lane_config *c, struct err *err)
{
	int r;

	*l = (struct lane){ .index = index, .sock = -1, .launcher = -1 };
	r = cgroup_leaf_open(c->cgroups, index, &l->leaf, err);
	if (r < 0)
		return err_wrap(err, "lane %u", index);
	r = start_launcher(l, c, err);
	if (r == 0)
		r = cgroup_join_control(c->cgroups, l->launcher, err);
	if (r < 0) {
		lane_close(l);
		return err_wrap(err, "lane %u", index);
	}
	return 0;
}

void lane_end_launcher(struct lane *l)
{
	fd_drop(&l->sock);
	if (l->launcher > 0) {
		kill(l->launcher, SIGKILL);
		while (waitpid(l->launcher, NULL, 0) < 0 && errno == EINTR)
			;
	}
	l->launcher = -1;
}

void lane_close(struct lane *l)
{
	lane_end_launcher(l);
	cgroup_leaf_close(&l->leaf);
}

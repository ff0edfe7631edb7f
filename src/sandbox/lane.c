/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See lane.h.  The lane's child prepares its own namespaces and then becomes the launcher by exec, so
 * that nothing of the warden's memory stays in it.  A failure before the exec is told on a
 * close-on-exec pipe as a whole struct err.
 */
#include "sandbox/lane.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/layers.h"
#include "sandbox/tree.h"

static int enter_namespaces(const struct lane_config *c, struct err *err)
{
	int flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;

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
	return tree_enter(c->layers_off, err);
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

static void lane_child(const struct lane_config *c, int sock, int report) __attribute__((noreturn));

static void lane_child(const struct lane_config *c, int sock, int report)
{
	char *const argv[] = { "kodewar-launcher", NULL }, *const envp[] = { NULL };
	int launcher = c->launcher_fd, filter = c->filter_fd;
	struct err err = ERR_INIT;
	sigset_t none;
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* Programs inherit these: neither the warden's priority nor what it or its parent ignored. */
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	setpriority(PRIO_PROCESS, 0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (place_descriptors(&sock, &filter, &launcher, &report, &err) == 0 &&
	    enter_namespaces(c, &err) == 0) {
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

void lane_close(struct lane *l)
{
	if (l->sock >= 0)
		close(TAKE_FD(l->sock));
	if (l->launcher > 0) {
		kill(l->launcher, SIGKILL);
		while (waitpid(l->launcher, NULL, 0) < 0 && errno == EINTR)
			;
	}
	l->launcher = -1;
	cgroup_leaf_close(&l->leaf);
}

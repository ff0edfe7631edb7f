/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is it?  A launcher says which process it forked: a number, and a descriptor that we shall watch, wait for
 * and perhaps kill by.  A zygote that is broken, or that somebody broke, must not make us do that to anybody
 * else: neither to a process of ours, whose end another file waits for, nor to a stranger.
 *
 * The cheap questions are asked for every program: a child of ours that we do not know by another name.  Where
 * a zygote is the parent, and before anybody is killed by such a descriptor, /proc is asked.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/warden_box.h"

bool warden_knows(const struct warden_context *w, pid_t pid)
{
	for (unsigned i = 0; i < w->nlanes; i++) {
		const struct warden_lane *l = &w->lanes[i];

		if (pid == l->lane.launcher || pid == l->init.pid || pid == l->program.pid)
			return true;
		for (unsigned r = 0; r < RUNNER_KINDS; r++)
			if (pid == l->zygotes[r].pid || pid == l->next[r].pid)
				return true;
	}
	return false;
}

bool warden_zygote_reaps(enum runner_kind runner)
{
	return runner == RUNNER_NODE;
}

/* In our namespace; -1 where its process is gone, 0 where it is no pidfd. */
static pid_t pidfd_pid(int pidfd)
{
	_cleanup_close_ int fd = -1;
	char path[64], text[512];
	const char *at;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_text(fd, text, sizeof(text)) <= 0)
		return 0;
	at = strstr(text, "\nPid:");
	return at ? (pid_t)strtol(at + 5, NULL, 10) : 0;
}

static int pid_namespace(pid_t pid, struct stat *ret)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	return stat(path, ret);
}

static bool in_namespace_of(const struct warden_lane *l, pid_t pid)
{
	struct stat its, init;

	return pid_namespace(pid, &its) == 0 && pid_namespace(l->init.pid, &init) == 0 &&
	       its.st_ino == init.st_ino && its.st_dev == init.st_dev;
}

bool warden_in_box(const struct warden_lane *l, pid_t pid, int pidfd)
{
	return pid > 1 && pidfd_pid(pidfd) == pid && in_namespace_of(l, pid);
}

static pid_t parent_of(pid_t pid)
{
	_cleanup_close_ int fd = -1;
	char path[64], text[512];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* What a program calls itself stands in parentheses, and may hold some. */
	if (fd < 0 || fd_read_text(fd, text, sizeof(text)) <= 0 || !(at = strrchr(text, ')')) ||
	    strlen(at) < 4)
		return 0;
	return (pid_t)strtol(at + 4, NULL, 10);
}

int warden_find_program(const struct warden_lane *l, pid_t *ret_pid)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	int pidfd = -1;

	while (proc && pidfd < 0 && (e = readdir(proc))) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (pid <= 1 || pid == l->init.pid || !in_namespace_of(l, pid) ||
		    in_namespace_of(l, parent_of(pid)))
			continue;
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (pidfd >= 0 && !warden_in_box(l, pid, pidfd))
			fd_drop(&pidfd);
		*ret_pid = pid;
	}
	if (proc)
		closedir(proc);
	return pidfd;
}

bool warden_may_adopt(const struct warden_context *w, const struct warden_lane *l,
		      enum runner_kind from, pid_t pid, int pidfd)
{
	siginfo_t info = { 0 };

	if (pid <= 1 || warden_knows(w, pid))
		return false;
	if (warden_wait(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0 &&
	    (errno != ECHILD || !warden_zygote_reaps(from)))
		return false;
	/*
	 * A zygote that died meanwhile has left its child to us.  Who is dead and buried cannot be harmed, and may have been
	 * buried between two questions.
	 */
	return !warden_zygote_reaps(from) || warden_in_box(l, pid, pidfd) || pidfd_pid(pidfd) == -1;
}

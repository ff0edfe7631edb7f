/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The warden of an ordinary user.  It is uid 0 of a user namespace that maps one id, made by src/app/rootless.c before it
 * was forked; all that it does as root it does as that.  Two things are added here:
 *
 * - A pid namespace, of which it is pid 1: whatever of ours is left when it dies, the kernel kills.  There may be no
 *   cgroup that could be asked to.
 * - A /proc of that namespace.  A /proc may only be mounted by who sees a whole one already, which is why a container that
 *   masks its own cannot be used.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/warden_box.h"

#define SLOT_TRIES 64u

#ifndef PR_GET_TID_ADDRESS
#define PR_GET_TID_ADDRESS 40
#endif

/* libc's fork() takes no flags; the number of the thread, which libc keeps, is the one thing that it would renew. */
pid_t warden_fork(bool rootless)
{
	int *tid = NULL;

	if (!rootless)
		return fork();
	if (prctl(PR_GET_TID_ADDRESS, &tid, 0, 0, 0) < 0)
		return -1;
	return (pid_t)syscall(SYS_clone,
			      CLONE_NEWPID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD,
			      NULL, NULL, tid, 0);
}

int warden_enter(struct err *err)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_set(err, errno, "make the warden's mount namespace");
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return err_set(err, errno,
			       "mount /proc (a part of the one here is masked: in Docker, "
			       "--security-opt systempaths=unconfined)");
	return 0;
}

void warden_kill_rest(const struct warden_context *w)
{
	if (w->rootless && getpid() == 1)
		kill(-1, SIGKILL);
}

int warden_open_cgroups(struct warden_context *w, const struct cgroup_place *place, struct err *err)
{
	int r = -EBUSY;

	if (place->kind == CGROUP_BORROWED)
		return cgroup_root_borrow(&w->cgroups, place, err);
	if (!w->rootless)
		return cgroup_root_open(&w->cgroups, place->base, w->slot.name, err);
	for (unsigned i = 0; r == -EBUSY && i < SLOT_TRIES; i++) {
		slot_number(&w->slot, i);
		r = cgroup_root_open(&w->cgroups, place->base, w->slot.name, err);
	}
	return r;
}

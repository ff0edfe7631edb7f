/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A box ahead of its order: an init that waits in fresh namespaces and, where the last order asked for it,
 * a program that waits in it.  Both are used once.  See warden_box.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/layers.h"
#include "sandbox/warden_box.h"

#define LEFTOVER_MAX_BYTES (1024ull * 1024)
/* While nobody's program is in it. */
#define STANDBY_MEMORY_BYTES (256ull << 20)
#define STANDBY_PIDS 8

static const struct warden_program no_program = {
	.note_fd = -1, .their_note_fd = -1, .pidfd = -1, .listener_fd = -1, .waited_fd = -1
};

void warden_standby_init(struct warden_lane *l)
{
	l->init = (struct warden_init){
		.note_fd = -1, .pidfd = -1, .peer_fd = -1, .disk_fd = -1, .mounts_fd = -1
	};
	l->program = no_program;
}

static void drop_program(struct warden_lane *l)
{
	fd_drop(&l->program.note_fd);
	fd_drop(&l->program.their_note_fd);
	fd_drop(&l->program.pidfd);
	fd_drop(&l->program.listener_fd);
	fd_drop(&l->program.waited_fd);
	l->program = no_program;
}

void warden_standby_close(struct warden_lane *l)
{
	fd_drop(&l->init.note_fd);
	fd_drop(&l->init.pidfd);
	fd_drop(&l->init.peer_fd);
	fd_drop(&l->init.disk_fd);
	fd_drop(&l->bury_fd);
	l->bury_fd = TAKE_FD(l->init.mounts_fd);
	drop_program(l);
	warden_standby_init(l);
}

/* Our end of a new note socket, watched; the other end is the new process's. */
static int make_note(struct warden_context *w, struct warden_lane *l, unsigned source,
		     int *ret_ours, int *ret_theirs)
{
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	*ret_ours = pair[0];
	*ret_theirs = pair[1];
	r = fd_set_nonblock(pair[0], 1);
	return r < 0 ? r : warden_watch(w, pair[0], l->lane.index, source);
}

static int send_launch(struct warden_context *w, struct warden_lane *l, int sock,
		       struct launch *launch, int *fds, size_t nfds)
{
	const struct cgroup_leaf *leaf = &l->lane.leaf;
	int r;

	launch->uid = l->init.uid;
	launch->init_uid = w->rootless ? 0 : slot_uid(&w->slot, l->lane.index, 0);
	launch->rootless = w->rootless;
	launch->kept = l->lane.kept;
	launch->njoin = leaf->njoin;
	launch->cgroup_version = (uint32_t)leaf->root->version;
	launch->layers_off = w->layers_off;
	launch->serial = ++w->serial;
	if (nfds + leaf->njoin > FD_PASS_MAX)
		return -E2BIG;
	memcpy(fds + nfds, leaf->join_fds, leaf->njoin * sizeof(int));
	r = fd_send_frame(sock, launch, sizeof(*launch), fds, nfds + leaf->njoin);
	/* Its death is told by its socket as well, but perhaps not before the next try. */
	if (r == -EPIPE && sock == l->lane.sock)
		l->launcher_dead = true;
	return r;
}

/* ---- the init ---- */

/* What is charged to the leaf before its box: cached files, kernel memory that is given back late. */
static uint64_t leftover_bytes(const struct warden_context *w, const struct warden_lane *l)
{
	char text[64];

	/* of a borrowed one everything is somebody else's */
	if (w->cgroups.borrowed || fd_read_text(l->lane.leaf.memory_fd, text, sizeof(text)) <= 0)
		return 0;
	return strtoull(text, NULL, 10);
}

int warden_watch_leaf(const struct warden_context *w, const struct warden_lane *l)
{
	int fd = l->lane.leaf.oom_fd;

	return fd < 0 ? 0 : warden_watch(w, fd, l->lane.index, SOURCE_MEMORY);
}

int warden_standby_leaf(struct warden_context *w, struct warden_lane *l)
{
	int r;

	cgroup_leaf_close(&l->lane.leaf);
	r = cgroup_leaf_open(&w->cgroups, l->lane.index, &l->lane.leaf, NULL);
	if (r == 0 && (r = warden_watch_leaf(w, l)) < 0)
		cgroup_leaf_close(&l->lane.leaf);
	return r;
}

/*
 * A leaf in which more than a little of an earlier box is charged is replaced.  The last order's limits stay where they
 * leave room enough: the next order is most often like it, and only what changes is written.
 */
static int standby_leaf(struct warden_context *w, struct warden_lane *l)
{
	struct cgroup_limits c;
	int r = 0;

	if (leftover_bytes(w, l) > LEFTOVER_MAX_BYTES || !l->lane.leaf.root)
		r = warden_standby_leaf(w, l);
	if (r < 0)
		return r;
	c = l->lane.leaf.limits;
	if (c.memory_bytes < STANDBY_MEMORY_BYTES)
		c.memory_bytes = STANDBY_MEMORY_BYTES;
	if (c.pids < STANDBY_PIDS)
		c.pids = STANDBY_PIDS;
	c.cpus_milli = warden_cpus_milli(w);
	return cgroup_leaf_prepare(&l->lane.leaf, &c, NULL);
}

static int launch_init(struct warden_context *w, struct warden_lane *l)
{
	struct launch launch = { .kind = LAUNCH_INIT, .bury = l->bury_fd >= 0 };
	_cleanup_close_ int theirs = -1;
	int fds[FD_PASS_MAX], r;

	if (!w->rootless)
		l->init.uid = slot_uid(&w->slot, l->lane.index,
				       1 + l->boxes++ % (SLOT_UIDS_PER_LANE - 1));
	r = make_note(w, l, SOURCE_INIT_NOTE, &l->init.note_fd, &theirs);
	if (r < 0)
		return r;
	fds[LAUNCH_NOTE] = theirs;
	fds[LAUNCH_NOTE + 1] = l->bury_fd;
	r = send_launch(w, l, l->lane.sock, &launch, fds, LAUNCH_NOTE + 1 + launch.bury);
	fd_drop(&l->bury_fd);
	l->init.serial = launch.serial;
	return r;
}

void warden_standby_make(struct warden_context *w, struct warden_lane *l)
{
	const char *step = "cgroup-limits";
	int r = standby_leaf(w, l);

	l->state = LANE_PREPARING;
	if (r == 0) {
		step = "launch";
		r = launch_init(w, l);
	}
	if (r == 0) {
		warden_arm(l, clock_now_nsec() + SETUP_NSEC);
		return;
	}
	warden_box_fail(l, step, r);
	warden_standby_close(l);
	warden_box_broken(w, l);
}

/* ---- the program ---- */

/* The note socket of the program that comes next: it takes a moment that an order need not wait for, if it comes off. */
static int note_ahead(struct warden_context *w, struct warden_lane *l)
{
	struct warden_program *p = &l->program;
	int r = 0;

	if (p->their_note_fd < 0)
		r = make_note(w, l, SOURCE_PROGRAM_NOTE, &p->note_fd, &p->their_note_fd);
	if (r < 0) {
		fd_drop(&p->note_fd);
		fd_drop(&p->their_note_fd);
	}
	return r;
}

static int launch_program(struct warden_context *w, struct warden_lane *l, int sock)
{
	struct launch launch = { .kind = LAUNCH_PROGRAM, .ahead = !l->have_order };
	int fds[FD_PASS_MAX], r = note_ahead(w, l);

	if (r < 0)
		return r;
	fds[LAUNCH_NOTE] = l->program.their_note_fd;
	fds[LAUNCH_PEER] = l->init.peer_fd;
	fds[LAUNCH_INIT_PIDFD] = l->init.pidfd;
	fds[LAUNCH_USAGE] = l->lane.leaf.usage_fd;
	fds[LAUNCH_MEMORY] = l->lane.leaf.memory_fd;
	r = send_launch(w, l, sock, &launch, fds, LAUNCH_FDS);
	fd_drop(&l->program.their_note_fd);
	l->program.serial = launch.serial;
	return r;
}

void warden_standby_program(struct warden_context *w, struct warden_lane *l,
			    enum runner_kind runner)
{
	struct warden_zygote *z = &l->zygotes[runner];
	int r;

	if (!z->ready)
		runner = RUNNER_EXEC;
	l->program.state = PROGRAM_LAUNCHING;
	l->init.programs++;
	l->program.runner = runner;
	r = launch_program(w, l, runner == RUNNER_EXEC ? l->lane.sock : z->sock);
	if (runner != RUNNER_EXEC) {
		z->forks++;
		z->launched = l->program.serial;
	}
	if (r == 0)
		return;
	warden_box_fail(l, "launch", r);
	warden_box_kill(l, KILL_BROKEN);
}

/*
 * The next program is told to go by the same socket that this one reads: nobody is told anything before this one is
 * dead.  It waits in that read, contained, and dies at once; but it is not waited for here, where all lanes would wait with it.
 */
void warden_standby_drop_program(struct warden_lane *l)
{
	if (!warden_in_box(l, l->program.pid, l->program.pidfd)) {
		warden_box_fail(l, "pidfd", EPROTO);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	l->state = LANE_PREPARING;
	l->program.state = PROGRAM_DROPPED;
	warden_arm(l, clock_now_nsec() + SETUP_NSEC);
	syscall(SYS_pidfd_send_signal, l->program.pidfd, SIGKILL, NULL, 0);
}

void warden_standby_dropped(struct warden_context *w, struct warden_lane *l)
{
	drop_program(l);
	warden_standby_progress(w, l);
}

/* ---- answers ---- */

void warden_standby_progress(struct warden_context *w, struct warden_lane *l)
{
	if (l->state != LANE_PREPARING || !l->init.ready || l->init.pidfd < 0 ||
	    l->facts.setup_errno || l->facts.kill != KILL_NONE)
		return;
	if (l->program.state == PROGRAM_NONE && l->ahead >= 0 && !l->have_order)
		warden_standby_program(w, l, (enum runner_kind)l->ahead);
	else if (l->program.state == PROGRAM_NONE ||
		 (l->program.state == PROGRAM_WAITING && l->program.pidfd >= 0)) {
		if (l->program.state == PROGRAM_NONE && !l->have_order)
			note_ahead(w, l);
		warden_box_ready(w, l);
	}
}

static void adopt(struct warden_context *w, struct warden_lane *l, int *slot, int pidfd,
		  enum warden_source source)
{
	*slot = pidfd;
	if (warden_watch(w, pidfd, l->lane.index, source) < 0)
		warden_box_fail(l, "pidfd", EIO);
	if (l->facts.kill != KILL_NONE || l->facts.setup_errno)
		warden_box_kill(l, KILL_BROKEN);
}

void warden_standby_unanswered(struct warden_context *w, struct warden_lane *l, const char *who)
{
	int pidfd = l->init.pidfd >= 0 ? warden_find_program(l, &l->program.pid) : -1;

	if (pidfd < 0) {
		warden_box_fail(l, who, EPIPE);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	/* All that it needs it has. */
	adopt(w, l, &l->program.pidfd, pidfd, SOURCE_PROGRAM_DEAD);
	warden_standby_progress(w, l);
}

/* Nobody was forked, or nobody whom we could take for it. */
static void not_launched(struct warden_context *w, struct warden_lane *l, bool init, int error)
{
	warden_box_fail(l, "clone", error);
	if (!init) {
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	warden_standby_close(l);
	warden_box_broken(w, l);
}

int warden_standby_launched(struct warden_context *w, struct warden_lane *l, enum runner_kind from,
			    const struct launched *reply, int pidfd)
{
	/* (A box that is no more has the serial 0. The note socket may have hung up before this.) */
	bool init = from == RUNNER_EXEC && reply->serial && reply->serial == l->init.serial &&
		    l->init.pidfd < 0;
	bool program = from == l->program.runner && reply->serial == l->program.serial &&
		       l->program.pidfd < 0 && l->program.state != PROGRAM_NONE;

	/* Of a box that is no more: whoever it was is dead, or dies with it. */
	if (!init && !program) {
		fd_drop(&pidfd);
		return 0;
	}
	if (reply->error) {
		fd_drop(&pidfd);
		not_launched(w, l, init, reply->error);
		return 0;
	}
	if (pidfd < 0 || !warden_may_adopt(w, l, from, reply->pid, pidfd)) {
		fd_drop(&pidfd);
		warden_expect_strays(w);
		not_launched(w, l, init, -EPROTO);
		return -EPROTO;
	}
	*(init ? &l->init.pid : &l->program.pid) = reply->pid;
	if (init)
		adopt(w, l, &l->init.pidfd, pidfd, SOURCE_INIT_DEAD);
	else
		adopt(w, l, &l->program.pidfd, pidfd, SOURCE_PROGRAM_DEAD);
	warden_standby_progress(w, l);
	return 0;
}

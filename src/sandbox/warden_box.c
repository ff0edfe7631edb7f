/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A box as the warden sees it: launched, released, watched, killed or ended, read, cleaned up after.
 *
 * Limits are events.  Wall time is one timer.  Cpu time is read when it could first have been exceeded:
 * what is left divided by the number of processors, so that a few reads suffice for any limit.  Output
 * is the engine's to count; it asks for the kill.  Denied calls are the business of warden_denied.c.
 */
#include "sandbox/warden_box.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/layers.h"

#define SETUP_NSEC (20 * NSEC_PER_SEC) /* a box that is not released by then is broken */
#define CPU_CHECK_MIN_USEC 1000ull
#define OVERHEAD_BYTES (1024ull * 1024) /* our init and its page tables, in the program's cgroup */
#define LEFTOVER_MAX_BYTES (1024ull * 1024)
#define OVERHEAD_PIDS 1u	       /* init */
#define IO_BYTES_PER_SEC (64ull << 20) /* each of read and write, on the device behind the tree */
/* Deep recursion works, endless recursion is a SIGSEGV and not a hunt for memory. */
#define STACK_BYTES (64ull << 20)
#define CLEAN_TRIES 12u /* 1 ms, doubled each time: about four seconds in all */

static void drop_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* An absolute moment; 0 disarms. */
static void arm(const struct warden_lane *l, uint64_t at_nsec)
{
	struct itimerspec t = { .it_value = { .tv_sec = (time_t)(at_nsec / NSEC_PER_SEC),
					      .tv_nsec = (long)(at_nsec % NSEC_PER_SEC) } };

	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &t, NULL);
}

static uint64_t wall_limit_ms(const struct warden_lane *l)
{
	return l->wall_cap_ms && l->wall_cap_ms < l->limits.wall_ms ? l->wall_cap_ms
								    : l->limits.wall_ms;
}

void warden_box_fail(struct warden_lane *l, const char *step, int error)
{
	if (l->facts.setup_errno)
		return;
	l->facts.setup_errno = error < 0 ? -error : error;
	memset(l->facts.setup_step, 0, sizeof(l->facts.setup_step));
	strncpy(l->facts.setup_step, step, sizeof(l->facts.setup_step) - 1);
}

/* What is charged to the leaf before its box: cached files, kernel memory that is given back late. */
static uint64_t leftover_bytes(const struct warden_lane *l)
{
	char text[64];

	if (fd_read_text(l->lane.leaf.memory_fd, text, sizeof(text)) <= 0)
		return 0;
	return strtoull(text, NULL, 10);
}

static int fresh_leaf(struct warden_context *w, struct warden_lane *l)
{
	cgroup_leaf_close(&l->lane.leaf);
	return cgroup_leaf_open(&w->cgroups, l->lane.index, &l->lane.leaf, NULL);
}

/*
 * What an earlier box left charged is not this one's: a little is added to the limit, and for more than
 * that the leaf is replaced.  So it is where v1 does not go below what is charged (EBUSY).
 */
static int prepare_leaf(struct warden_context *w, struct warden_lane *l)
{
	struct cgroup_limits c = {
		.pids = l->limits.processes + OVERHEAD_PIDS,
		.cpus_milli = 1000,
		.io_bytes_per_sec = IO_BYTES_PER_SEC,
		.io_major = w->io_major,
		.io_minor = w->io_minor,
	};
	int r = 0;

	if (layer_off(w->layers_off, LAYER_CGROUP_PIDS))
		c.pids = 4096;
	if (layer_off(w->layers_off, LAYER_CGROUP_CPU))
		c.cpus_milli = 1000 * w->cpus;
	if (layer_off(w->layers_off, LAYER_CGROUP_IO))
		c.io_bytes_per_sec = 0;
	if (leftover_bytes(l) > LEFTOVER_MAX_BYTES)
		r = fresh_leaf(w, l);
	for (int tries = 0; r == 0 && tries < 2; tries++) {
		c.memory_bytes = l->limits.memory_kb * 1024 + OVERHEAD_BYTES + leftover_bytes(l);
		if (layer_off(w->layers_off, LAYER_CGROUP_MEMORY))
			c.memory_bytes = 1ull << 40;
		r = cgroup_leaf_prepare(&l->lane.leaf, &c, NULL);
		if (r != -EBUSY || tries > 0)
			break;
		r = fresh_leaf(w, l);
	}
	return r;
}

static int send_launch(struct warden_context *w, struct warden_lane *l, const struct order *o,
		       const int *fds, size_t nfds, int note_fd)
{
	const struct cgroup_leaf *leaf = &l->lane.leaf;
	struct launch launch = {
		.box = l->box,
		.flags = o->flags,
		.uid = slot_uid(&w->slot, l->lane.index, 1 + l->boxes++ % (SLOT_UIDS_PER_LANE - 1)),
		.init_uid = slot_uid(&w->slot, l->lane.index, 0),
		.njoin = leaf->njoin,
		.cgroup_version = (uint32_t)leaf->root->version,
		.layers_off = w->layers_off,
		.disk_bytes = l->limits.disk_kb * 1024,
		.inodes = l->limits.inodes,
		.open_files = l->limits.open_files,
		.file_bytes = l->limits.file_kb * 1024,
		.cpu_sec = (l->limits.cpu_ms + 999) / 1000 + 2,
		.stack_bytes = STACK_BYTES,
	};
	int all[FD_PASS_MAX] = { 0 };
	size_t n = 0;

	memcpy(all, fds, 4 * sizeof(int));
	all[LAUNCH_NOTE] = note_fd;
	all[LAUNCH_USAGE] = leaf->usage_fd;
	all[LAUNCH_MEMORY] = leaf->memory_fd;
	n = LAUNCH_FIXED_FDS;
	if (nfds > 4)
		all[n++] = fds[4];
	if (n + leaf->njoin > FD_PASS_MAX)
		return -E2BIG;
	memcpy(all + n, leaf->join_fds, leaf->njoin * sizeof(int));
	return fd_send_frame(l->lane.sock, &launch, sizeof(launch), all, n + leaf->njoin);
}

static int launch_box(struct warden_context *w, struct warden_lane *l, const struct order *o,
		      const int *fds, size_t nfds)
{
	_cleanup_close_ int theirs = -1;
	int pair[2], r;

	r = prepare_leaf(w, l);
	if (r < 0)
		return warden_box_fail(l, "cgroup-limits", r), r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return warden_box_fail(l, "note-socket", errno), -errno;
	l->note_fd = pair[0];
	theirs = pair[1];
	r = fd_set_nonblock(l->note_fd, 1);
	if (r == 0)
		r = warden_watch(w, l->note_fd, l->lane.index, SOURCE_NOTE);
	if (r == 0)
		r = send_launch(w, l, o, fds, nfds, theirs);
	if (r < 0)
		warden_box_fail(l, "launch", r);
	return r;
}

static void begin_cleaning(struct warden_context *w, struct warden_lane *l);

/* Facts are complete once init is dead: nothing of the box runs any more. */
static void finish(struct warden_context *w, struct warden_lane *l)
{
	struct cgroup_reading reading = { 0 };
	struct facts *f = &l->facts;

	arm(l, 0);
	if (cgroup_leaf_read(&l->lane.leaf, &reading, NULL) < 0)
		warden_box_fail(l, "cgroup-read", EIO);
	f->oom_kills = reading.oom_kills;
	f->pids_events = reading.pids_events;
	if (f->started) {
		uint64_t end = f->ended ? l->end_nsec : clock_now_nsec();

		f->wall_usec = end > l->release_nsec ? (end - l->release_nsec) / 1000 : 0;
		if (reading.cpu_usec > l->cpu_base_usec)
			f->cpu_usec = reading.cpu_usec - l->cpu_base_usec;
		if (reading.memory_peak_bytes > l->memory_base_bytes)
			f->memory_peak_bytes = reading.memory_peak_bytes - l->memory_base_bytes;
	}
	/* Where memory ran out during set-up, the limit was too small for anything: theirs, not ours. */
	if (f->oom_kills > 0 && !f->started)
		f->setup_errno = 0;
	drop_fd(&l->note_fd);
	drop_fd(&l->pidfd);
	drop_fd(&l->listener_fd);
	warden_report(w, REPORT_DONE, l);
	begin_cleaning(w, l);
}

void warden_box_start(struct warden_context *w, struct warden_lane *l, const struct order *o,
		      const int *fds, size_t nfds)
{
	l->state = LANE_RUNNING;
	l->box = o->box;
	l->limits = o->limits;
	l->wall_cap_ms = o->wall_cap_ms;
	l->release_nsec = l->end_nsec = 0;
	memset(&l->facts, 0, sizeof(l->facts));
	l->facts.denied_known = !layer_off(w->layers_off, LAYER_SECCOMP);
	if (launch_box(w, l, o, fds, nfds) < 0)
		finish(w, l);
	else
		arm(l, clock_now_nsec() + SETUP_NSEC);
}

void warden_box_kill(struct warden_lane *l, enum box_kill why)
{
	if (l->state != LANE_RUNNING)
		return;
	if (l->facts.kill == KILL_NONE)
		l->facts.kill = (uint8_t)why;
	if (l->pidfd < 0)
		return;
	/*
	 * Processes that are out of bandwidth die as slowly as they live, and init behind them: seconds,
	 * where others of the box spend each period's share on reclaiming memory.
	 */
	cgroup_leaf_lift_cpu(&l->lane.leaf);
	if (syscall(SYS_pidfd_send_signal, l->pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		cgroup_leaf_kill(&l->lane.leaf);
}

/* Replaces a lane whose launcher died or whose leaf does not get clean. */
static void replace_lane(struct warden_context *w, struct warden_lane *l)
{
	unsigned index = l->lane.index;

	cgroup_leaf_kill(&l->lane.leaf);
	lane_close(&l->lane);
	l->launcher_dead = false;
	if (lane_open(&l->lane, index, &w->lane_config, NULL) < 0 ||
	    fd_set_nonblock(l->lane.sock, 1) < 0 ||
	    warden_watch(w, l->lane.sock, index, SOURCE_LAUNCHER) < 0) {
		l->state = LANE_LOST;
		warden_report(w, REPORT_LOST, l);
		return;
	}
	l->state = LANE_IDLE;
	warden_report(w, REPORT_IDLE, l);
}

static void try_clean(struct warden_context *w, struct warden_lane *l)
{
	struct cgroup_reading reading;

	if (!l->launcher_dead && cgroup_leaf_check_clean(&l->lane.leaf, &reading, NULL) == 0) {
		l->state = LANE_IDLE;
		warden_report(w, REPORT_IDLE, l);
		return;
	}
	if (l->launcher_dead || ++l->clean_tries >= CLEAN_TRIES) {
		replace_lane(w, l);
		return;
	}
	arm(l, clock_now_nsec() + (NSEC_PER_MSEC << (l->clean_tries - 1)));
}

static void begin_cleaning(struct warden_context *w, struct warden_lane *l)
{
	l->state = LANE_CLEANING;
	l->clean_tries = 0;
	try_clean(w, l);
}

/* Reads cpu time; kills, or arms the timer for the next moment at which a limit could be exceeded. */
static void check_limits(struct warden_context *w, struct warden_lane *l)
{
	uint64_t now = clock_now_nsec(), limit = l->limits.cpu_ms * 1000, used = 0, next;
	uint64_t wall_at = l->release_nsec + wall_limit_ms(l) * NSEC_PER_MSEC;

	if (now >= wall_at) {
		warden_box_kill(l,
				wall_limit_ms(l) < l->limits.wall_ms ? KILL_TOTAL_WALL : KILL_WALL);
		return;
	}
	if (cgroup_leaf_cpu_usec(&l->lane.leaf, &used) < 0) {
		warden_box_fail(l, "cpu-usage", EIO);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	used = used > l->cpu_base_usec ? used - l->cpu_base_usec : 0;
	if (used >= limit) {
		warden_box_kill(l, KILL_CPU);
		return;
	}
	next = (limit - used) / w->cpus;
	if (next < CPU_CHECK_MIN_USEC)
		next = CPU_CHECK_MIN_USEC;
	next = now + next * 1000;
	arm(l, next < wall_at ? next : wall_at);
}

static void on_timer(struct warden_context *w, struct warden_lane *l)
{
	uint64_t ticks;

	if (read(l->timer_fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	if (l->state == LANE_CLEANING)
		try_clean(w, l);
	else if (l->state == LANE_RUNNING && l->facts.started)
		check_limits(w, l);
	else if (l->state == LANE_RUNNING) {
		warden_box_fail(l, "set-up", ETIMEDOUT);
		warden_box_kill(l, KILL_BROKEN);
		/* No init to die: the launcher never answered. */
		if (l->pidfd < 0) {
			l->launcher_dead = true;
			finish(w, l);
		}
	}
}

static void on_started(struct warden_context *w, struct warden_lane *l, const struct note *n,
		       int listener)
{
	bool want = !layer_off(w->layers_off, LAYER_SECCOMP);

	if (l->facts.started || (want && listener < 0)) {
		drop_fd(&listener);
		warden_box_fail(l, "listener", EPROTO);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	l->facts.started = 1;
	l->release_nsec = n->time_nsec;
	l->cpu_base_usec = n->cpu_usec;
	l->memory_base_bytes = n->memory_bytes;
	l->listener_fd = listener;
	if (listener >= 0 && warden_watch(w, listener, l->lane.index, SOURCE_LISTENER) < 0) {
		warden_box_fail(l, "listener", EIO);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	check_limits(w, l);
}

static void on_ended(struct warden_lane *l, const struct note *n)
{
	l->facts.ended = 1;
	l->end_nsec = n->time_nsec;
	l->facts.wait_status = n->wait_status;
	l->facts.disk_full = n->disk_full;
	l->facts.artefact = n->artefact;
}

/* All notes that have come. Only init and the program before its exec hold the other end. */
static void on_notes(struct warden_context *w, struct warden_lane *l)
{
	while (l->note_fd >= 0) {
		struct note n;
		int listener = -1, r;
		size_t nfds = 1;

		r = fd_recv_frame(l->note_fd, &n, sizeof(n), &listener, &nfds);
		if (r == -EAGAIN)
			return;
		if (r <= 0) {
			drop_fd(&l->note_fd);
			return;
		}
		if (n.kind == NOTE_STARTED) {
			on_started(w, l, &n, nfds ? listener : -1);
			continue;
		}
		if (nfds)
			close(listener);
		if (n.kind == NOTE_ENDED) {
			on_ended(l, &n);
		} else if (n.kind == NOTE_FAILED) {
			n.step[sizeof(n.step) - 1] = '\0';
			warden_box_fail(l, n.step, n.error);
		}
	}
}

static void on_launched(struct warden_context *w, struct warden_lane *l)
{
	struct launched reply;
	int pidfd = -1, r;
	size_t nfds = 1;

	r = fd_recv_frame(l->lane.sock, &reply, sizeof(reply), &pidfd, &nfds);
	if (r == -EAGAIN)
		return;
	if (r <= 0) {
		l->launcher_dead = true;
		close(TAKE_FD(l->lane.sock));
		if (l->state == LANE_RUNNING) {
			warden_box_fail(l, "launcher", EPIPE);
			warden_box_kill(l, KILL_BROKEN);
			if (l->pidfd < 0)
				finish(w, l);
		} else if (l->state == LANE_IDLE) {
			replace_lane(w, l);
		}
		return;
	}
	if (l->state != LANE_RUNNING || reply.box != l->box || l->pidfd >= 0) {
		drop_fd(&pidfd);
		return;
	}
	if (reply.error || nfds == 0) {
		warden_box_fail(l, "clone", reply.error ? reply.error : -EPROTO);
		finish(w, l);
		return;
	}
	l->pidfd = pidfd;
	if (warden_watch(w, pidfd, l->lane.index, SOURCE_PIDFD) < 0)
		warden_box_fail(l, "pidfd", EIO);
	if (l->facts.kill != KILL_NONE || l->facts.setup_errno)
		warden_box_kill(l, KILL_BROKEN);
}

static void on_dead(struct warden_context *w, struct warden_lane *l)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return;
	on_notes(w, l);
	finish(w, l);
}

void warden_box_event(struct warden_context *w, struct warden_lane *l, enum warden_source source)
{
	switch (source) {
	case SOURCE_LAUNCHER:
		if (l->lane.sock >= 0)
			on_launched(w, l);
		break;
	case SOURCE_NOTE: on_notes(w, l); break;
	case SOURCE_PIDFD:
		if (l->pidfd >= 0)
			on_dead(w, l);
		break;
	case SOURCE_LISTENER:
		if (l->listener_fd >= 0)
			warden_denied_event(w, l);
		break;
	case SOURCE_TIMER: on_timer(w, l); break;
	case SOURCE_ENGINE: break;
	}
}

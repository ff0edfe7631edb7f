/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A box as the warden sees it from its order on: released, watched, killed or ended, read, cleaned up after.
 *
 * Limits are events.  Wall time is one timer.  Cpu time is read when it could first have been exceeded:
 * what is left divided by the number of processors, so that a few reads suffice for any limit.  Output
 * is the engine's to count; it asks for the kill.  Denied calls are the business of warden_denied.c.
 */
#include "sandbox/warden_box.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/layers.h"

#define DEATH_LOOKS 10u
#define DEATH_NSEC (5 * NSEC_PER_MSEC) /* what takes longer to die is looked into */
#define STUCK_LOOKS 2000u	       /* ten seconds: who has not died by then may never do */
#define REAP_LOOKS 400u /* two seconds: a zygote that has not reaped its child by then is broken */
#define CPU_CHECK_MIN_USEC 1000ull
#define WATCH_NSEC (4 * NSEC_PER_MSEC) /* between two looks at what nobody else bounds */
#define MEMORY_LOOKS 500u	       /* a second: a kill is told before it is counted */
#define MEMORY_LOOK_NSEC (2 * NSEC_PER_MSEC)
#define OVERHEAD_BYTES (512ull * 1024) /* our init and its page tables, in the program's cgroup */
#define CHARGED_STEP_BYTES (512ull * 1024)
#define OVERHEAD_PIDS 1u	       /* init */
#define IO_BYTES_PER_SEC (64ull << 20) /* each of read and write, on the device behind the tree */
/* Deep recursion works, endless recursion is a SIGSEGV and not a hunt for memory. */
#define STACK_BYTES (64ull << 20)

void warden_arm(const struct warden_lane *l, uint64_t at_nsec)
{
	struct itimerspec t = { .it_value = { .tv_sec = (time_t)(at_nsec / NSEC_PER_SEC),
					      .tv_nsec = (long)(at_nsec % NSEC_PER_SEC) } };

	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &t, NULL);
}

static uint64_t wall_limit_ms(const struct warden_lane *l)
{
	const struct order *o = &l->order;

	return o->wall_cap_ms && o->wall_cap_ms < o->limits.wall_ms ? o->wall_cap_ms
								    : o->limits.wall_ms;
}

void warden_box_fail(struct warden_lane *l, const char *step, int error)
{
	if (l->facts.setup_errno)
		return;
	l->facts.setup_errno = error < 0 ? -error : error;
	memset(l->facts.setup_step, 0, sizeof(l->facts.setup_step));
	strncpy(l->facts.setup_step, step, sizeof(l->facts.setup_step) - 1);
}

void warden_box_kill(struct warden_lane *l, enum box_kill why)
{
	/* What breaks in a box that is not wanted is nothing to the order that waits for the next one. */
	if (l->facts.kill == KILL_NONE && (l->state != LANE_ENDING || why != KILL_BROKEN))
		l->facts.kill = (uint8_t)why;
	if (l->init.pidfd < 0)
		return;
	cgroup_leaf_lift_cpu(&l->lane.leaf);
	warden_box_end(l);
}

void warden_box_end(struct warden_lane *l)
{
	l->death_looks = 0;
	warden_arm(l, clock_now_nsec() + DEATH_NSEC);
	if (syscall(SYS_pidfd_send_signal, l->init.pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		cgroup_leaf_kill(&l->lane.leaf);
}

/* ---- limits ---- */

static bool dying(const struct warden_lane *l)
{
	return l->init.pidfd >= 0 && (l->state == LANE_ENDING || l->facts.kill != KILL_NONE ||
				      l->facts.ended || l->ran_out);
}

bool warden_box_watch(struct warden_context *w, struct warden_lane *l)
{
	int r = w->cgroups.borrowed ? cgroup_leaf_watch(&l->lane.leaf) : 0;

	if (r < 0)
		warden_box_fail(l, "watch", r);
	if (r != 0)
		warden_box_kill(l, r < 0 ? KILL_BROKEN : KILL_MEMORY);
	return r == 0;
}

/*
 * The kernel has killed one of the box for want of memory: that is the end of all of them.  Where it does not do so by
 * itself, those who are left may go on as if nothing were amiss, or burn the program's time in reclaiming.
 */
static bool ran_out(struct warden_lane *l)
{
	if (cgroup_leaf_ran_out(&l->lane.leaf) != 1)
		return false;
	l->ran_out = true;
	cgroup_leaf_lift_cpu(&l->lane.leaf);
	warden_box_end(l);
	return true;
}

void warden_box_memory(struct warden_context *w, struct warden_lane *l)
{
	uint64_t rung;

	if (read(l->lane.leaf.oom_fd, &rung, sizeof(rung)) != sizeof(rung) ||
	    l->state != LANE_RUNNING)
		return;
	l->memory_looks = MEMORY_LOOKS;
	if (l->facts.started && !l->program.status_owed && !dying(l))
		warden_box_check_limits(w, l);
}

/* What is over is not killed for its time any more: memory ran out first. */
static void kill_for_time(struct warden_lane *l, enum box_kill why)
{
	if (!ran_out(l))
		warden_box_kill(l, why);
}

/* When `left` microseconds of cpu time could first be over, or something else has to be looked at. */
static uint64_t next_look(const struct warden_context *w, struct warden_lane *l, uint64_t now,
			  uint64_t left)
{
	uint64_t wait = left / w->cpus;

	if (wait < CPU_CHECK_MIN_USEC)
		wait = CPU_CHECK_MIN_USEC;
	wait *= 1000;
	if (w->cgroups.borrowed && wait > WATCH_NSEC)
		wait = WATCH_NSEC;
	if (l->memory_looks > 0 && l->memory_looks-- && wait > MEMORY_LOOK_NSEC)
		wait = MEMORY_LOOK_NSEC;
	return now + wait;
}

/* Somebody was killed for want of memory, if there is reason to ask. */
static bool look_at_memory(const struct warden_context *w, struct warden_lane *l)
{
	return (l->memory_looks > 0 || w->cgroups.borrowed) && ran_out(l);
}

void warden_box_check_limits(struct warden_context *w, struct warden_lane *l)
{
	uint64_t now = clock_now_nsec(), limit = l->order.limits.cpu_ms * 1000, used = 0, next;
	uint64_t wall_at = l->release_nsec + wall_limit_ms(l) * NSEC_PER_MSEC;

	if (look_at_memory(w, l))
		return;
	if (now >= wall_at) {
		kill_for_time(l, wall_limit_ms(l) < l->order.limits.wall_ms ? KILL_TOTAL_WALL
									    : KILL_WALL);
		return;
	}
	if (cgroup_leaf_cpu_usec(&l->lane.leaf, &used) < 0) {
		warden_box_fail(l, "cpu-usage", EIO);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	if (used < l->cpu_base_usec)
		l->cpu_base_usec = used; /* it cannot have begun with more than it has now */
	used -= l->cpu_base_usec;
	if (used >= limit) {
		kill_for_time(l, KILL_CPU);
		return;
	}
	if (!warden_box_watch(w, l))
		return;
	next = next_look(w, l, now, limit - used);
	warden_arm(l, next < wall_at ? next : wall_at);
}

/* It was never released: a launcher or a zygote does not answer, or a step does not return. */
static void on_setup_timeout(struct warden_context *w, struct warden_lane *l)
{
	warden_expect_strays(w);
	if (l->program.state != PROGRAM_NONE && l->program.state != PROGRAM_DROPPED &&
	    l->program.runner != RUNNER_EXEC) {
		/* Its own fault or its child's: this box can be made without it, and the next ones must. */
		warden_box_fail(l, "zygote", EPIPE);
		warden_zygote_break(w, l, l->program.runner, "it does not answer");
	}
	warden_box_fail(l, "set-up", ETIMEDOUT);
	if (l->init.pidfd >= 0) {
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	l->launcher_dead = true;
	warden_end_over(w, l);
}

/* An init does not die before its zygote's child is reaped: by that one, which has told its end, or else by us. */
static void reap_for_zygote(struct warden_context *w, struct warden_lane *l)
{
	siginfo_t info;

	if (l->program.orphaned)
		warden_wait(P_PIDFD, (id_t)l->program.pidfd, &info, WEXITED | WNOHANG);
	else if (l->death_looks >= REAP_LOOKS && warden_zygote_reaps(l->program.runner))
		warden_zygote_break(w, l, l->program.runner, "it does not reap");
}

/*
 * Processes that are out of bandwidth die as slowly as they live, and init behind them: seconds, where others of
 * the box spend each period's share on reclaiming memory.  So the limit is lifted, at once where we kill; and
 * here that of the disk, for which they may wait where no signal reaches them.  And whoever made itself our child, or
 * was made so by a launcher that died, holds the box's end up.  Who hangs in the kernel, or was frozen there, cannot be
 * killed at all: that is told, and looked at on and on.
 */
static void on_slow_death(struct warden_context *w, struct warden_lane *l)
{
	uint64_t serial = l->init.serial;

	cgroup_leaf_lift_cpu(&l->lane.leaf);
	cgroup_leaf_lift_io(&l->lane.leaf);
	if (++l->death_looks >= DEATH_LOOKS)
		warden_expect_strays(w);
	if (l->death_looks >= STUCK_LOOKS && !l->stuck) {
		l->stuck = true;
		warden_report(w, REPORT_STUCK, l);
	}
	if (l->program.state == PROGRAM_DEAD && l->program.pidfd >= 0)
		reap_for_zygote(w, l);
	/* Perhaps nobody could be asked to tell us of it. */
	if (l->program.pidfd >= 0)
		warden_end_program(w, l);
	if (l->init.pidfd >= 0)
		warden_end_init(w, l);
	if (l->init.serial == serial && l->init.pidfd >= 0)
		warden_arm(l, clock_now_nsec() + DEATH_NSEC);
}

void warden_box_timer(struct warden_context *w, struct warden_lane *l)
{
	uint64_t ticks;

	if (read(l->timer_fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	if (l->state == LANE_CLEANING)
		warden_end_clean(w, l);
	else if (l->program.status_owed)
		warden_end_owed(w, l);
	else if (l->harvesting && l->facts.kill == KILL_NONE)
		warden_end_harvest(l);
	else if (dying(l))
		on_slow_death(w, l);
	else if (l->state == LANE_RUNNING && l->facts.started)
		warden_box_check_limits(w, l);
	else if (l->state == LANE_RUNNING || l->state == LANE_PREPARING)
		on_setup_timeout(w, l);
	else if (l->state == LANE_READY)
		warden_zygote_rest(w, l);
}

/* ---- the order ---- */

/* In steps, so that the limit of one order is most often that of the next, and need not be written again. */
static uint64_t charged(uint64_t level_bytes)
{
	return (level_bytes / CHARGED_STEP_BYTES + 1) * CHARGED_STEP_BYTES;
}

/*
 * What is charged already is not this program's: it is added to the limit. v1 does not go below
 * what is charged (EBUSY).
 */
static int set_limits(struct warden_context *w, struct warden_lane *l)
{
	struct cgroup_limits c = {
		.pids = l->order.limits.processes + OVERHEAD_PIDS,
		.cpus_milli = warden_cpus_milli(w),
		.io_bytes_per_sec = IO_BYTES_PER_SEC,
		.io_major = w->io_major,
		.io_minor = w->io_minor,
	};
	int r = -EBUSY;

	if (layer_off(w->layers_off, LAYER_CGROUP_PIDS))
		c.pids = 4096;
	if (layer_off(w->layers_off, LAYER_CGROUP_IO))
		c.io_bytes_per_sec = 0;
	for (int tries = 0; r == -EBUSY && tries < 3; tries++) {
		uint64_t level;

		if (cgroup_leaf_level(&l->lane.leaf, &level) < 0)
			return -EIO;
		c.memory_bytes = l->order.limits.memory_kb * 1024 + OVERHEAD_BYTES + charged(level);
		if (layer_off(w->layers_off, LAYER_CGROUP_MEMORY))
			c.memory_bytes = 1ull << 40;
		r = cgroup_leaf_begin(&l->lane.leaf, &c, NULL);
	}
	return r;
}

static int release_init(struct warden_lane *l)
{
	const struct limits *limits = &l->order.limits;
	struct release release = {
		.kind = RELEASE_RUN,
		.flags = l->order.flags,
		.programs = l->init.programs,
		.disk_bytes = limits->disk_kb * 1024,
		.inodes = limits->inodes,
		.open_files = limits->open_files,
		.file_bytes = limits->file_kb * 1024,
		.cpu_sec = (limits->cpu_ms + 999) / 1000 + 2,
		.stack_bytes = STACK_BYTES,
		.processes = l->lane.leaf.root->borrowed ? limits->processes : 0,
		.files_bytes = limits->output_bytes,
	};
	size_t n = RELEASE_FDS;

	while (n < ARRAY_SIZE(l->order_fds) && l->order_fds[n] >= 0)
		n++;
	return fd_send_frame(l->init.note_fd, &release, sizeof(release), l->order_fds, n);
}

static enum runner_kind choose_runner(const struct warden_lane *l)
{
	enum runner_kind want = l->retried ? RUNNER_EXEC : l->order.runner;
	bool waits = l->program.state == PROGRAM_WAITING && l->program.runner == want;

	return waits || l->zygotes[want].ready ? want : RUNNER_EXEC;
}

/* A zygote forks while init fills the box. */
static void choose_program(struct warden_context *w, struct warden_lane *l, enum runner_kind want)
{
	l->facts.runner = want == RUNNER_EXEC			? START_COLD
			  : l->program.state == PROGRAM_WAITING ? START_POOLED
								: START_WARM;
	if (l->program.state == PROGRAM_NONE)
		warden_standby_program(w, l, want);
}

static void release(struct warden_context *w, struct warden_lane *l)
{
	enum runner_kind want = choose_runner(l);
	int r;

	if (l->program.state == PROGRAM_WAITING && l->program.runner != want) {
		warden_standby_drop_program(l); /* and comes here again when it is dead */
		return;
	}
	warden_place_lane(w, l);
	l->state = LANE_RUNNING;
	l->facts.denied_known = !layer_off(w->layers_off, LAYER_SECCOMP);
	warden_arm(l, clock_now_nsec() + SETUP_NSEC);
	r = cgroup_leaf_mark(&l->lane.leaf, l->program.state == PROGRAM_WAITING);
	choose_program(w, l, want);
	if (r == 0)
		r = set_limits(w, l);
	if (r < 0)
		warden_box_fail(l, "cgroup-limits", r);
	else if ((r = release_init(l)) < 0)
		warden_box_fail(l, "release", r);
	if (l->facts.setup_errno || l->facts.kill != KILL_NONE)
		warden_box_kill(l, KILL_BROKEN);
}

void warden_box_ready(struct warden_context *w, struct warden_lane *l)
{
	l->state = LANE_READY;
	if (l->have_order)
		release(w, l);
	else
		warden_zygote_rest(w, l);
}

void warden_box_order(struct warden_context *w, struct warden_lane *l, const struct order *o,
		      const int *fds, size_t nfds)
{
	l->offered = false;
	l->have_order = true;
	l->retried = l->harvesting = false;
	l->order = *o;
	l->box = o->box;
	l->release_nsec = l->end_nsec = 0;
	memset(&l->facts, 0, sizeof(l->facts));
	for (size_t i = 0; i < ARRAY_SIZE(l->order_fds); i++)
		l->order_fds[i] = i < nfds ? fds[i] : -1;
	if (l->state != LANE_READY)
		return; /* it is being made */
	if (l->init.ready)
		release(w, l);
	else
		warden_standby_make(w, l);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a box.  That of its program is seen here and its status read here: its launcher made it our child.
 * Where the program has left nobody, the facts are complete, and the answer goes out; else when init
 * has been killed, and with it whoever was left.  Only when init is dead the lane is cleaned and the next box begun.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/wait.h"
#include "sandbox/warden_box.h"

#define STATUS_NSEC (2 * NSEC_PER_SEC) /* a zygote that takes longer to tell a status is broken */
/* An artefact of the largest size that a deployment may allow is out in a tenth of this. */
#define HARVEST_NSEC (20 * NSEC_PER_SEC)
#define ORPHAN_LOOK_NSEC (2 * NSEC_PER_MSEC)
#define LEAF_TRIES 3u	/* 7 ms: then the leaf is made anew */
#define CLEAN_TRIES 12u /* 1 ms, doubled each time: about four seconds in all */

/* ---- cleaning, off the critical path ---- */

int warden_wait(idtype_t what, id_t id, siginfo_t *info, int options)
{
	int r;

	do
		r = waitid(what, id, info, options);
	while (r < 0 && errno == EINTR);
	return r;
}

void warden_order_drop(struct warden_lane *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(l->order_fds); i++)
		fd_drop(&l->order_fds[i]);
}

/* The leaf is clean: the next box is begun, and an order for it may come meanwhile. */
static void offer(struct warden_context *w, struct warden_lane *l)
{
	if (!l->have_order && !l->offered) {
		l->offered = true;
		warden_report(w, REPORT_IDLE, l);
	}
	warden_zygote_turn(w, l);
	warden_standby_make(w, l);
}

/* Replaces a lane whose launcher died or whose leaf does not get clean. */
static void replace_lane(struct warden_context *w, struct warden_lane *l)
{
	unsigned index = l->lane.index;

	cgroup_leaf_kill(&l->lane.leaf);
	warden_zygote_close(w, l);
	lane_close(&l->lane);
	l->launcher_dead = false;
	if (lane_open(&l->lane, index, &w->lane_config, NULL) < 0 ||
	    fd_set_nonblock(l->lane.sock, 1) < 0 ||
	    warden_watch(w, l->lane.sock, index, SOURCE_LAUNCHER) < 0 ||
	    warden_watch_leaf(w, l) < 0) {
		l->state = LANE_LOST;
		if (l->have_order) {
			warden_box_fail(l, "lane", EIO);
			l->have_order = false;
			warden_order_drop(l);
			warden_report(w, REPORT_DONE, l);
		}
		warden_report(w, REPORT_LOST, l);
		return;
	}
	offer(w, l);
}

void warden_end_clean(struct warden_context *w, struct warden_lane *l)
{
	struct cgroup_reading reading;
	int r = 1;

	if (!l->launcher_dead)
		r = cgroup_leaf_check_clean(&l->lane.leaf, &reading, NULL);
	/*
	 * Nobody is in it, but something stays charged: memory that the kernel gives back late, or only its statistics, which
	 * lag by up to two seconds.  A new leaf is clean at once.
	 */
	if (r == 1 && !l->launcher_dead && reading.pids == 0 && l->clean_tries >= LEAF_TRIES) {
		warden_standby_leaf(w, l);
		r = 0;
	}
	if (r == 0) {
		offer(w, l);
		return;
	}
	/* What the box left in its files is charged until its mounts end. */
	fd_drop(&l->bury_fd);
	if (l->launcher_dead || ++l->clean_tries >= CLEAN_TRIES) {
		replace_lane(w, l);
		return;
	}
	warden_arm(l, clock_now_nsec() + (NSEC_PER_MSEC << (l->clean_tries - 1)));
}

static void begin_cleaning(struct warden_context *w, struct warden_lane *l)
{
	l->state = LANE_CLEANING;
	l->clean_tries = 0;
	warden_end_clean(w, l);
}

/* ---- the end ---- */

static void read_facts(const struct warden_context *w, struct warden_lane *l)
{
	struct cgroup_reading reading = { 0 };
	struct facts *f = &l->facts;

	if (cgroup_leaf_read(&l->lane.leaf, &reading, NULL) < 0)
		warden_box_fail(l, "cgroup-read", EIO);
	f->watched = w->cgroups.borrowed;
	f->oom_kills = reading.oom_kills;
	f->pids_events = reading.pids_events;
	f->throttled_known = reading.throttled_known;
	f->throttled_usec = reading.throttled_usec;
	f->cpu_periods = reading.cpu_periods;
	if (f->started) {
		uint64_t end = f->ended ? l->end_nsec : clock_now_nsec();

		f->wall_usec = end > l->release_nsec ? (end - l->release_nsec) / 1000 : 0;
		if (reading.cpu_usec > l->cpu_base_usec)
			f->cpu_usec = reading.cpu_usec - l->cpu_base_usec;
		if (reading.memory_peak_bytes > l->memory_base_bytes)
			f->memory_peak_bytes = reading.memory_peak_bytes - l->memory_base_bytes;
	}
	/*
	 * Where memory ran out during set-up, the limit was too small for anything, and while files were taken out, they filled
	 * it: theirs, not ours.
	 */
	if (f->oom_kills > 0 && (!f->started || l->harvesting)) {
		f->setup_errno = 0;
		if (f->kill == KILL_BROKEN)
			f->kill = KILL_NONE;
	}
}

static void answer(struct warden_context *w, struct warden_lane *l)
{
	warden_report(w, REPORT_DONE, l); /* first: somebody waits for it */
	warden_order_drop(l);
	l->ahead = l->order.flags & ORDER_REFILL ? (int)l->order.runner : -1;
	l->have_order = l->harvesting = l->ran_out = false;
	l->memory_looks = 0;
	memset(&l->facts, 0, sizeof(l->facts)); /* the next standby's */
}

static void finish(struct warden_context *w, struct warden_lane *l)
{
	answer(w, l);
	warden_arm(l, 0);
	warden_standby_close(l);
	begin_cleaning(w, l);
}

/*
 * In the leaf are init and the dead program, whom we have not reaped: whoever else was there is gone, with all that it had and
 * is counted by.  init's death is nothing that an answer has to wait for; the lane does, as for all that is cleaned up.  A
 * zygote may have reaped its child already, and then one of the two may be another: of those the filter's listener tells.
 */
static bool may_answer_early(const struct warden_context *w, const struct warden_lane *l)
{
	uint64_t tasks;

	return !w->cgroups.borrowed && l->facts.kill == KILL_NONE && !l->facts.setup_errno &&
	       !l->ran_out && !l->init.dead && cgroup_leaf_tasks(&l->lane.leaf, &tasks) == 0 &&
	       tasks <= 2 && (!warden_zygote_reaps(l->program.runner) || warden_denied_over(l));
}

/* It broke before the program ran: nothing has happened that could not be done again, once. */
static bool may_retry(const struct warden_lane *l)
{
	return l->have_order && !l->retried && !l->facts.started && l->facts.oom_kills == 0 &&
	       l->facts.setup_errno != ETIMEDOUT &&
	       (l->facts.kill == KILL_NONE || l->facts.kill == KILL_BROKEN);
}

void warden_box_broken(struct warden_context *w, struct warden_lane *l)
{
	warden_arm(l, 0);
	if (may_retry(l)) {
		l->retried = true;
		memset(&l->facts, 0, sizeof(l->facts));
		begin_cleaning(w, l);
	} else if (l->have_order) {
		finish(w, l);
	} else if (l->launcher_dead) {
		begin_cleaning(w, l);
	} else {
		l->state = LANE_READY;
	}
}

/* Nothing of the box runs any more. */
void warden_end_over(struct warden_context *w, struct warden_lane *l)
{
	if (l->stuck) {
		l->stuck = false;
		warden_report(w, REPORT_FREED, l);
	}
	if (l->state == LANE_RUNNING)
		read_facts(w, l);
	if (l->state == LANE_RUNNING && !may_retry(l)) {
		finish(w, l);
		return;
	}
	warden_standby_close(l);
	if (l->state == LANE_ENDING) {
		uint8_t kill = l->have_order ? l->facts.kill : (uint8_t)KILL_NONE;

		memset(&l->facts, 0, sizeof(l->facts)); /* the next standby's */
		l->facts.kill = kill; /* of an order that came and was called off meanwhile */
		warden_arm(l, 0);
		begin_cleaning(w, l);
	} else {
		warden_box_broken(w, l);
	}
}

void warden_end_init(struct warden_context *w, struct warden_lane *l)
{
	siginfo_t info = { 0 };

	if (!l->init.dead &&
	    (warden_wait(P_PIDFD, (id_t)l->init.pidfd, &info, WEXITED | WNOHANG) < 0 ||
	     info.si_pid == 0))
		return;
	/* Whoever told of why it died has told it before. */
	warden_box_event(w, l, SOURCE_INIT_NOTE);
	warden_box_event(w, l, SOURCE_PROGRAM_NOTE);
	if (l->program.pidfd >= 0 && l->program.state != PROGRAM_DROPPED)
		warden_end_program(w, l);
	/* A zygote that was its parent still has to tell how the program ended. */
	if (l->program.status_owed && l->facts.kill == KILL_NONE && !l->init.dead) {
		l->init.dead = true;
		epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, l->init.pidfd, NULL);
		return;
	}
	if (!l->facts.ended && l->facts.kill == KILL_NONE && l->state == LANE_RUNNING)
		warden_box_fail(l, "init", ESRCH);
	if (l->harvesting && l->facts.artefact == 0 && l->facts.kill == KILL_NONE)
		warden_box_fail(l, "harvest", ESRCH);
	warden_end_over(w, l);
}

/* The status is known: the rest of the box goes. */
static void on_status(struct warden_context *w, struct warden_lane *l, int status)
{
	struct release harvest = { .kind = RELEASE_HARVEST };
	struct statfs fs;

	l->program.state = PROGRAM_DEAD;
	if (l->state != LANE_RUNNING || !l->facts.started) {
		warden_box_fail(l, "program", ESRCH);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	/* What we killed did not end. */
	if (l->facts.kill != KILL_NONE && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return;
	l->facts.ended = 1;
	l->facts.wait_status = status;
	if (fstatfs(l->init.disk_fd, &fs) == 0)
		l->facts.disk_full = fs.f_bfree == 0 || fs.f_ffree == 0;
	if ((l->order.flags & (ORDER_ARTEFACT_OUT | ORDER_FILES_OUT)) &&
	    l->facts.kill == KILL_NONE && !l->ran_out &&
	    fd_send_frame(l->init.note_fd, &harvest, sizeof(harvest), NULL, 0) == 0) {
		l->harvesting = true;
		cgroup_leaf_lift_cpu(&l->lane.leaf); /* init shares it with whom it has to kill */
		cgroup_leaf_lift_io(&l->lane.leaf);
		warden_arm(l, clock_now_nsec() + HARVEST_NSEC);
		return;
	}
	if (may_answer_early(w, l)) {
		read_facts(w, l);
		answer(w, l);
		l->state = LANE_ENDING;
	}
	warden_box_end(l);
}

void warden_end_harvest(struct warden_lane *l)
{
	l->harvesting = false;
	warden_box_fail(l, "harvest", ETIMEDOUT);
	warden_box_kill(l, KILL_BROKEN);
}

/*
 * Seen, not reaped yet; si_pid 0: it is a zygote's child, who has the status. A zygote that is gone has left us its
 * child, or is about to.
 */
static bool program_died(const struct warden_lane *l, siginfo_t *info)
{
	struct pollfd p = { .fd = l->program.pidfd, .events = POLLIN };

	if (warden_wait(P_PIDFD, (id_t)l->program.pidfd, info, WEXITED | WNOHANG | WNOWAIT) == 0)
		return info->si_pid != 0;
	return errno == ECHILD && poll(&p, 1, 0) == 1;
}

/*
 * While it runs, since the opening takes a while: at its end somebody waits for the answer.  The number was only told.  What stands
 * there is read when the dead have proved to be our child, not reaped, of this number, which they had all the time.
 */
void warden_end_prepare(struct warden_lane *l)
{
	char path[40];

	if (l->program.waited_fd >= 0 || l->program.pidfd < 0 ||
	    (warden_zygote_reaps(l->program.runner) && !l->program.orphaned))
		return;
	snprintf(path, sizeof(path), "/proc/%d/schedstat", l->program.pid);
	l->program.waited_fd = open(path, O_RDONLY | O_CLOEXEC);
}

/* "CPU WAITED SLICES", nanoseconds: what it waited for while others had the cpus, from its birth on. */
static void read_waited(struct warden_lane *l)
{
	const char *waited;
	char text[96];

	warden_end_prepare(l);
	if (l->program.waited_fd < 0 ||
	    fd_read_text(l->program.waited_fd, text, sizeof(text)) <= 0 ||
	    !(waited = strchr(text, ' ')))
		return;
	l->facts.waited_known = 1;
	l->facts.waited_usec = cgroup_parse_number(waited) / 1000;
}

static void expect_status(struct warden_lane *l)
{
	uint64_t now = clock_now_nsec();

	if (l->program.owed_until_nsec == 0)
		l->program.owed_until_nsec = now + STATUS_NSEC;
	warden_arm(l, l->program.orphaned ? now + ORPHAN_LOOK_NSEC : l->program.owed_until_nsec);
}

/* Its status is of no interest, and if a zygote is its parent, that one reaps it. */
static void end_dropped(struct warden_context *w, struct warden_lane *l)
{
	siginfo_t info = { 0 };

	if (!program_died(l, &info))
		return;
	if (info.si_pid)
		warden_wait(P_PIDFD, (id_t)l->program.pidfd, &info, WEXITED | WNOHANG);
	else if (l->program.orphaned)
		warden_expect_strays(w);
	warden_standby_dropped(w, l);
}

void warden_end_program(struct warden_context *w, struct warden_lane *l)
{
	siginfo_t info = { 0 };

	if (l->program.state == PROGRAM_DROPPED) {
		end_dropped(w, l);
		return;
	}
	if (l->program.state == PROGRAM_DEAD || l->program.status_owed || !program_died(l, &info))
		return;
	l->end_nsec = clock_now_nsec();
	epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, l->program.pidfd, NULL);
	/* While it is still counted, and whom it leaves is still there. */
	if (w->cgroups.borrowed && l->facts.started && l->facts.kill == KILL_NONE)
		warden_box_watch(w, l);
	warden_box_event(w, l, SOURCE_PROGRAM_NOTE);
	if (info.si_pid == 0) {
		l->program.status_owed = true;
		expect_status(l);
	} else if (info.si_pid == l->program.pid) {
		read_waited(l);
		on_status(w, l, wait_status(&info));
		/* After the answer, since it takes the kernel a while; init cannot die before. */
		warden_wait(P_PIDFD, (id_t)l->program.pidfd, &info, WEXITED | WNOHANG);
	} else {
		/* A child of ours, but not this one: whoever waits for it still can. */
		l->program.state = PROGRAM_DEAD;
		warden_box_fail(l, "pidfd", EPROTO);
		warden_box_kill(l, KILL_BROKEN);
		warden_zygote_break(w, l, l->program.runner, "it lied about a process");
	}
}

static void status_known(struct warden_context *w, struct warden_lane *l, int status)
{
	l->program.status_owed = false;
	on_status(w, l, status);
	if (l->init.dead)
		warden_end_init(w, l);
}

void warden_end_owed(struct warden_context *w, struct warden_lane *l)
{
	siginfo_t info = { 0 };

	if (l->program.orphaned &&
	    warden_wait(P_PIDFD, (id_t)l->program.pidfd, &info, WEXITED | WNOHANG) == 0 &&
	    info.si_pid) {
		status_known(w, l, wait_status(&info));
	} else if (clock_now_nsec() < l->program.owed_until_nsec) {
		expect_status(l);
	} else if (!l->program.orphaned) {
		warden_zygote_break(w, l, l->program.runner, "it does not tell a status");
	} else {
		l->program.status_owed = false;
		l->program.state = PROGRAM_DEAD;
		warden_box_fail(l, "status", ETIMEDOUT);
		if (l->init.dead)
			warden_end_init(w, l);
		else
			warden_box_kill(l, KILL_BROKEN);
	}
}

int warden_box_status(struct warden_context *w, struct warden_lane *l, uint64_t serial, int status)
{
	if (serial != l->program.serial || l->program.pidfd < 0)
		return 0;
	/* It may be told before we have seen the death ourselves. */
	warden_end_program(w, l);
	if (serial != l->program.serial)
		return 0; /* it was dropped, and that was its end */
	if (l->program.status_owed)
		status_known(w, l, status);
	else if (l->program.state != PROGRAM_DEAD)
		return -EPROTO;
	return 0;
}

void warden_box_orphaned(struct warden_context *w, struct warden_lane *l, enum runner_kind runner)
{
	if (l->program.state == PROGRAM_NONE || l->program.runner != runner)
		return;
	l->program.orphaned = true;
	if (l->program.status_owed) {
		l->program.owed_until_nsec = 0;
		expect_status(l);
	} else if (l->program.pidfd < 0) {
		warden_expect_strays(w);
		warden_standby_unanswered(w, l, "zygote");
	}
}

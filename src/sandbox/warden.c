/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The warden: see warden.h.  This file starts it, checks orders, and runs its loop; what happens to one
 * box is in warden_box.c.
 */
#include "sandbox/warden.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/layers.h"
#include "sandbox/order.h"
#include "sandbox/tree.h"
#include "sandbox/warden_box.h"
#include "sandbox/warden_room.h"

#define LANE_SHIFT 8
#define STRAYS_NSEC (5 * NSEC_PER_SEC)
#define REAP_LOOK_MSEC 5 /* while there is somebody to be reaped whose death nothing tells us of */
#define STRAY_NSEC (100 * NSEC_PER_MSEC) /* dead for so long, and no launcher has spoken of it */

static int watch(const struct warden_context *w, int op, int fd, unsigned lane, unsigned source)
{
	uint32_t events = source == SOURCE_MEMORY ? EPOLLIN | EPOLLET : EPOLLIN;
	struct epoll_event e = { events, { .u64 = (uint64_t)lane << LANE_SHIFT | source } };

	return epoll_ctl(w->epoll_fd, op, fd, &e) < 0 ? -errno : 0;
}

int warden_watch(const struct warden_context *w, int fd, unsigned lane, unsigned source)
{
	return watch(w, EPOLL_CTL_ADD, fd, lane, source);
}

int warden_rewatch(const struct warden_context *w, int fd, unsigned lane, unsigned source)
{
	return watch(w, EPOLL_CTL_MOD, fd, lane, source);
}

/* An engine that does not take its reports is as good as gone. */
void warden_report(struct warden_context *w, enum report_kind kind, const struct warden_lane *l)
{
	struct report r = { .kind = kind, .lane = l->lane.index, .box = l->box };

	if (kind == REPORT_DONE)
		r.facts = l->facts;
	if (fd_send_frame(w->engine_fd, &r, sizeof(r), NULL, 0) < 0)
		w->engine_gone = true;
}

void warden_report_zygote(struct warden_context *w, const struct warden_lane *l,
			  enum runner_kind runner, int error, const char *text)
{
	struct report r = {
		.kind = REPORT_ZYGOTE, .lane = l->lane.index, .runner = runner, .error = error
	};

	strncpy(r.text, text, sizeof(r.text) - 1);
	if (fd_send_frame(w->engine_fd, &r, sizeof(r), NULL, 0) < 0)
		w->engine_gone = true;
}

/*
 * Descriptors of a box are memory files and pipes. Anything else could make us wait where we close it,
 * such as a socket that lingers.
 */
static bool descriptors_plain(const int *fds, size_t nfds)
{
	struct stat st;

	for (size_t i = 0; i < nfds; i++)
		if (fstat(fds[i], &st) < 0 || !(S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)))
			return false;
	return true;
}

/* Returns the lane of an order that may run now, or NULL. */
static struct warden_lane *check_run(struct warden_context *w, const struct order *o, size_t nfds)
{
	if (!order_valid(o, nfds, w->nlanes, &w->caps) || o->kind != ORDER_RUN)
		return NULL;
	return w->lanes[o->lane].offered ? &w->lanes[o->lane] : NULL;
}

static void on_order(struct warden_context *w)
{
	struct order o;
	int fds[FD_PASS_MAX], r;
	size_t nfds = FD_PASS_MAX;
	struct warden_lane *l;

	r = fd_recv_frame(w->engine_fd, &o, sizeof(o), fds, &nfds);
	if (r == -EAGAIN)
		return;
	if (r <= 0) {
		w->engine_gone = true;
		return;
	}
	if (descriptors_plain(fds, nfds) && (l = check_run(w, &o, nfds))) {
		warden_box_order(w, l, &o, fds, nfds);
		return;
	}
	if (!order_valid(&o, nfds, w->nlanes, &w->caps) || o.kind == ORDER_RUN) {
		w->engine_gone = true; /* our own engine never sends this: it has been taken over */
	} else if (o.kind == ORDER_WARM) {
		warden_zygote_start(w, &w->lanes[o.lane], o.runner, o.flags & ORDER_REFILL);
	} else if (w->lanes[o.lane].have_order && w->lanes[o.lane].box == o.box) {
		warden_box_kill(&w->lanes[o.lane], o.kill);
	}
	while (nfds > 0)
		close(fds[--nfds]);
}

/* Zygotes that were ended, and what they left to us. Boxes' processes are waited for by their descriptors. */
static void reap_zygotes(struct warden_context *w)
{
	while (w->ended_zygotes > 0 && waitpid(w->ended[w->ended_zygotes - 1], NULL, WNOHANG) != 0)
		w->ended_zygotes--;
}

void warden_expect_strays(struct warden_context *w)
{
	w->strays_until_nsec = clock_now_nsec() + STRAYS_NSEC;
}

/* Somebody whom a launcher is about to tell us of: dead or alive, it is no stray. */
static bool answer_expected(const struct warden_lane *l)
{
	const struct warden_program *p = &l->program;

	if (l->init.serial && l->init.pidfd < 0 && l->lane.sock >= 0)
		return true;
	return p->state != PROGRAM_NONE && p->pidfd < 0 && !p->orphaned &&
	       (p->runner == RUNNER_EXEC ? l->lane.sock : l->zygotes[p->runner].sock) >= 0;
}

/* Known ones are waited for elsewhere; who stands before a stray one in the kernel's list is soon gone. */
static void reap_strays(struct warden_context *w)
{
	siginfo_t info = { 0 };
	uint64_t now;

	if (w->strays_until_nsec == 0)
		return;
	now = clock_now_nsec();
	if (now > w->strays_until_nsec)
		w->strays_until_nsec = 0;
	for (unsigned i = 0; i < w->nlanes; i++)
		if (answer_expected(&w->lanes[i]))
			return;
	while (warden_wait(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
	       info.si_pid && !warden_knows(w, info.si_pid)) {
		/* A program may be dead before the answer of its launcher is read, and its status is wanted. */
		if (info.si_pid != w->stray) {
			w->stray = info.si_pid;
			w->stray_nsec = now;
		}
		if (now - w->stray_nsec < STRAY_NSEC)
			return;
		waitpid(info.si_pid, NULL, WNOHANG | __WALL);
		info.si_pid = 0;
	}
	w->stray = 0;
}

static void loop(struct warden_context *w)
{
	struct epoll_event events[16];

	while (!w->engine_gone) {
		int n = epoll_wait(w->epoll_fd, events, ARRAY_SIZE(events),
				   w->strays_until_nsec || w->ended_zygotes ? REAP_LOOK_MSEC : -1);

		if (n < 0 && errno != EINTR)
			return;
		for (int i = 0; i < n && !w->engine_gone; i++) {
			unsigned source = events[i].data.u64 & ((1u << LANE_SHIFT) - 1);

			if (source == SOURCE_ENGINE)
				on_order(w);
			else
				warden_box_event(w, &w->lanes[events[i].data.u64 >> LANE_SHIFT],
						 source);
		}
		reap_zygotes(w);
		reap_strays(w);
	}
}

static int open_lanes(struct warden_context *w, unsigned count, struct err *err)
{
	for (unsigned i = 0; i < count; i++) {
		struct warden_lane *l = &w->lanes[i];
		int r;

		*l = (struct warden_lane){
			.timer_fd = -1, .bury_fd = -1, .ahead = -1, .offered = true
		};
		memset(l->order_fds, 0xff, sizeof(l->order_fds));
		for (unsigned k = 0; k < RUNNER_KINDS; k++)
			l->zygotes[k].sock = l->next[k].sock = -1;
		warden_standby_init(l);
		r = lane_open(&l->lane, i, &w->lane_config, err);
		if (r < 0)
			return r;
		w->nlanes = i + 1;
		l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		if (l->timer_fd < 0)
			return err_set(err, errno, "make a timer");
		if ((r = fd_set_nonblock(l->lane.sock, 1)) < 0 ||
		    (r = warden_watch(w, l->lane.sock, i, SOURCE_LAUNCHER)) < 0 ||
		    (r = warden_watch(w, l->timer_fd, i, SOURCE_TIMER)) < 0 ||
		    (r = warden_watch_leaf(w, l)) < 0)
			return err_set(err, r, "watch lane %u", i);
		warden_standby_make(w, l);
	}
	return 0;
}

/* Both parts, or neither where the layer is off. */
static int hand_over_filter(struct warden_context *w, const struct warden_config *c)
{
	struct lane_filter head = { .base = c->base->len, .closing = c->closing->len };
	size_t base = head.base * sizeof(struct sock_filter);
	size_t closing = head.closing * sizeof(struct sock_filter), size;
	_cleanup_free_ char *file = NULL;

	if (layer_off(c->layers_off, LAYER_SECCOMP))
		head = (struct lane_filter){ 0 };
	size = head.base ? sizeof(head) + base + closing : sizeof(head);
	file = malloc(sizeof(head) + base + closing);
	if (!file)
		return -ENOMEM;
	memcpy(file, &head, sizeof(head));
	memcpy(file + sizeof(head), c->base->insns, base);
	memcpy(file + sizeof(head) + base, c->closing->insns, closing);
	return w->lane_config.filter_fd = fd_sealed_memfd("filter", file, size);
}

static int set_up(struct warden_context *w, const struct warden_config *c, struct err *err)
{
	int r;

	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd < 0)
		return err_set(err, errno, "make an epoll");
	w->rootless = w->lane_config.rootless = c->rootless;
	r = warden_take_files(c->lanes, &w->lane_config.open_files, err);
	if (r < 0)
		return r;
	r = warden_open_cgroups(w, c->place, err);
	if (r < 0)
		return err_wrap(err, "cgroups");
	if (!w->cgroups.memory_swap)
		return err_set(err, ENOTSUP,
			       "cgroups: this host swaps, and swap cannot be forbidden to a box");
	w->lane_config.cgroups = &w->cgroups;
	warden_places_open(&w->places, c->lanes);
	r = hand_over_filter(w, c);
	if (r < 0)
		return err_set(err, r, "hand over the filter");
	w->lane_config.launcher_fd = open(c->launcher_path, O_RDONLY | O_CLOEXEC);
	if (w->lane_config.launcher_fd < 0)
		return err_set(err, errno, "open %s", c->launcher_path);
	w->lane_config.layers_off = w->layers_off = c->layers_off;
	lane_runners_open(&w->lane_config, c->runners);
	w->lane_config.tree = c->tree;
	r = tree_open(&w->lane_config.tree, err);
	if (r < 0)
		return r;
	tree_device(&c->tree, &w->io_major, &w->io_minor);
	w->caps = c->caps;
	w->zygote_forks = c->zygote_forks ? c->zygote_forks : ZYGOTE_FORKS;
	w->zygote_age_nsec = c->zygote_age_nsec ? c->zygote_age_nsec : ZYGOTE_AGE_NSEC;
	w->cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	r = open_lanes(w, c->lanes, err);
	if (r == 0)
		r = fd_set_nonblock(w->engine_fd, 1);
	return r < 0 ? r : warden_watch(w, w->engine_fd, 0, SOURCE_ENGINE);
}

static void kill_all(struct warden_context *w)
{
	for (unsigned i = 0; i < w->nlanes; i++) {
		struct warden_lane *l = &w->lanes[i];

		warden_box_kill(l, KILL_CANCEL);
		warden_zygote_close(w, l);
		if (l->lane.launcher > 0)
			kill(l->lane.launcher, SIGKILL);
		cgroup_leaf_kill(&l->lane.leaf);
	}
	warden_kill_rest(w);
}

/*
 * Waits, for at most five seconds, until we have no child left: whoever we know of was killed, and who we
 * never got to know, because a launcher's answer was lost, sits in a leaf or ends by itself, since it cannot be released.
 */
static void reap_all(struct warden_context *w)
{
	for (int tries = 0; tries < 2500; tries++) {
		siginfo_t info = { 0 };

		if (warden_wait(P_ALL, 0, &info, WEXITED | WNOHANG | __WALL) < 0 && errno != EINTR)
			break;
		if (info.si_pid != 0)
			continue;
		for (unsigned i = 0; i < w->nlanes; i++)
			cgroup_leaf_kill(&w->lanes[i].lane.leaf);
		warden_kill_rest(w);
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	for (unsigned i = 0; i < w->nlanes; i++)
		w->lanes[i].lane.launcher = -1;
}

/* Boxes are killed and reaped before their leaves are removed. */
static void tear_down(struct warden_context *w)
{
	kill_all(w);
	reap_all(w);
	for (unsigned i = 0; i < w->nlanes; i++)
		lane_close(&w->lanes[i].lane);
	cgroup_root_close(&w->cgroups);
	slot_release(&w->slot);
}

/* Nothing that the caller had open stays open here but these three, at 3, 4, 5. */
static int keep_only(int *a, int *b, int *c)
{
	int *all[] = { a, b, c };

	for (int i = 0; i < 3; i++)
		if ((*all[i] = fcntl(*all[i], F_DUPFD_CLOEXEC, 16)) < 0)
			return -errno;
	for (int i = 0; i < 3; i++)
		if (dup3(*all[i], 3 + i, O_CLOEXEC) < 0)
			return -errno;
	*a = 3;
	*b = 4;
	*c = 5;
	return syscall(SYS_close_range, 6u, ~0u, 0) < 0 ? -errno : 0;
}

static void default_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
}

static void warden_main(const struct warden_config *c, struct slot *slot, int engine_fd,
			int report_fd) __attribute__((noreturn));

static void warden_main(const struct warden_config *c, struct slot *slot, int engine_fd,
			int report_fd)
{
	static struct warden_context w;
	struct err err = ERR_INIT;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	ssize_t n = 0;

	setsid();
	prctl(PR_SET_NAME, "kodewar-warden");
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* programs of a zygote that died become ours */
	default_signals();
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	w.epoll_fd = -1;
	if (keep_only(&engine_fd, &report_fd, &slot->lock_fd) < 0)
		_exit(1);
	w.slot = *slot;
	w.engine_fd = engine_fd;
	if ((c->rootless && warden_enter(&err) < 0) || warden_stay_awake(c->rootless, &err) < 0 ||
	    set_up(&w, c, &err) < 0) {
		if (!*err.text)
			err_set(&err, ENOMEM, "set up the warden");
		n = write(report_fd, &err, sizeof(err));
	} else {
		close(report_fd);
		loop(&w);
	}
	tear_down(&w);
	_exit(n > 0 ? 1 : 0);
}

static int await_ready(int report_fd, struct err *err)
{
	struct err told;
	ssize_t n = fd_read_full(report_fd, &told, sizeof(told));

	if (n == 0)
		return 0;
	if (n != sizeof(told))
		return err_set(err, EPROTO, "start the warden");
	told.text[sizeof(told.text) - 1] = '\0';
	if (err)
		*err = told;
	return told.code ? told.code : -EIO;
}

int warden_start(const struct warden_config *c, struct warden *ret, struct err *err)
{
	_cleanup_close_ int ours = -1, theirs = -1, report_r = -1, report_w = -1;
	struct slot slot = SLOT_INIT;
	int pair[2], size = 1 << 20, r;

	if (c->lanes < 1 || c->lanes >= WIRE_LANES_MAX)
		return err_set(err, EINVAL, "lanes: must be 1 to %d", WIRE_LANES_MAX - 1);
	r = c->rootless ? slot_none(&slot, err) : slot_take(&slot, err);
	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		slot_release(&slot);
		return err_set(err, errno, "make the warden's socket");
	}
	ours = pair[0];
	theirs = pair[1];
	setsockopt(theirs, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (pipe2(pair, O_CLOEXEC) < 0) {
		slot_release(&slot);
		return err_set(err, errno, "make a pipe");
	}
	report_r = pair[0];
	report_w = pair[1];
	ret->gate_uid = c->rootless ? 0 : SLOT_GATE_UID;
	ret->pid = warden_fork(c->rootless);
	if (ret->pid == 0) {
		close(ours);
		close(report_r);
		warden_main(c, &slot, theirs, report_w);
	}
	slot_release(&slot); /* the warden's copy keeps the lock */
	if (ret->pid < 0)
		return err_set(err, errno, "fork the warden");
	close(TAKE_FD(report_w));
	r = await_ready(report_r, err);
	if (r < 0) {
		waitpid(ret->pid, NULL, 0);
		return r;
	}
	ret->pidfd = (int)syscall(SYS_pidfd_open, ret->pid, 0);
	if (ret->pidfd < 0) {
		r = err_set(err, errno, "watch the warden");
		close(TAKE_FD(ours));
		waitpid(ret->pid, NULL, 0);
		return r;
	}
	ret->sock = TAKE_FD(ours);
	return 0;
}

void warden_stop(struct warden *w)
{
	struct pollfd dead = { .fd = w->pidfd, .events = POLLIN };

	fd_drop(&w->sock);
	while (w->pidfd >= 0 && poll(&dead, 1, -1) < 0 && errno == EINTR)
		;
	if (w->pid > 0)
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
	fd_drop(&w->pidfd);
	w->pid = 0;
}

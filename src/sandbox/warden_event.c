/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a lane's descriptors tell: notes of init and of the program, answers of the launcher, deaths, moments.  An event
 * may be of an earlier box's descriptor that had the same number: nothing here waits.
 */
#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/layers.h"
#include "sandbox/warden_box.h"

/* ---- notes ---- */

/* Contained. Only in a test-only build may it have no listener. */
static bool take_listener(struct warden_context *w, struct warden_lane *l, int *fds, size_t nfds)
{
	bool want = !layer_off(w->layers_off, LAYER_SECCOMP);
	int r = 0;

	if (l->program.state != PROGRAM_LAUNCHING || (want && nfds != 1)) {
		r = -EPROTO;
	} else if (nfds == 1) {
		l->program.listener_fd = TAKE_FD(fds[0]);
		r = warden_watch(w, l->program.listener_fd, l->lane.index, SOURCE_LISTENER);
	}
	if (r == 0)
		return true;
	warden_box_fail(l, "listener", r);
	warden_box_kill(l, KILL_BROKEN);
	return false;
}

static void on_started(struct warden_context *w, struct warden_lane *l, const struct note *n,
		       const int *sock, int *fds, size_t nfds)
{
	uint64_t now = clock_now_nsec();

	/* A program that was not forked ahead has not told that it waits. */
	if (l->program.state == PROGRAM_LAUNCHING) {
		if (!take_listener(w, l, fds, nfds))
			return;
		l->program.state = PROGRAM_WAITING;
	}
	if (l->facts.started || l->program.state != PROGRAM_WAITING || l->state != LANE_RUNNING ||
	    sock != &l->program.note_fd || n->time_nsec > now) {
		warden_box_fail(l, "started", EPROTO);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	l->program.state = PROGRAM_STARTED;
	l->facts.started = 1;
	l->zygotes[l->program.runner].shown = true;
	l->release_nsec = n->time_nsec;
	l->cpu_base_usec = n->cpu_usec;
	l->memory_base_bytes =
		l->lane.leaf.root->borrowed ? l->lane.leaf.level_base_bytes : n->memory_bytes;
	warden_order_drop(l);
	warden_box_check_limits(w, l);
	warden_end_prepare(l);
}

static void on_waiting(struct warden_context *w, struct warden_lane *l, int *fds, size_t nfds)
{
	if (!take_listener(w, l, fds, nfds))
		return;
	l->program.state = PROGRAM_WAITING;
	warden_standby_progress(w, l);
}

static void on_ready(struct warden_context *w, struct warden_lane *l, int *fds, size_t nfds)
{
	if (l->init.ready || nfds != 3 || l->state != LANE_PREPARING) {
		warden_box_fail(l, "ready", EPROTO);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	l->init.ready = true;
	l->init.disk_fd = fds[0];
	l->init.peer_fd = fds[1];
	l->init.mounts_fd = fds[2];
	fds[0] = fds[1] = fds[2] = -1;
	warden_standby_progress(w, l);
}

/* Once in a box, by its init, after its program. */
static bool may_harvest(const struct warden_lane *l, const struct note *n, const int *sock)
{
	return sock == &l->init.note_fd && l->facts.ended && l->facts.artefact == 0 &&
	       n->artefact > TAKEN_NOT && n->artefact < TAKEN_STATES;
}

/* Each kind is good for once, so that nobody can keep us reading. */
static void on_note(struct warden_context *w, struct warden_lane *l, struct note *n, int *sock,
		    int *fds, size_t nfds)
{
	bool harvested = n->kind == NOTE_HARVESTED && may_harvest(l, n, sock);

	switch (n->kind) {
	case NOTE_READY: on_ready(w, l, fds, nfds); break;
	case NOTE_WAITING: on_waiting(w, l, fds, nfds); break;
	case NOTE_STARTED: on_started(w, l, n, sock, fds, nfds); break;
	case NOTE_FAILED:
		n->step[sizeof(n->step) - 1] = '\0';
		warden_box_fail(l, n->step, n->error ? n->error : -EIO);
		warden_box_kill(l, KILL_BROKEN);
		fd_drop(sock);
		break;
	default:
		if (harvested) {
			l->facts.artefact = n->artefact;
			break;
		}
		warden_box_fail(l, "note", EPROTO);
		warden_box_kill(l, KILL_BROKEN);
		fd_drop(sock);
		break;
	}
}

/* All notes that have come. Only init, and the program before its own code, hold the other ends. */
static void on_notes(struct warden_context *w, struct warden_lane *l, int *sock)
{
	while (*sock >= 0) {
		struct note n;
		int fds[3] = { -1, -1, -1 }, r;
		size_t nfds = ARRAY_SIZE(fds);

		r = fd_recv_frame(*sock, &n, sizeof(n), fds, &nfds);
		if (r == -EAGAIN)
			return;
		if (r == -ECONNRESET)
			continue; /* told once: it died before it had read all; what it wrote comes now */
		if (r <= 0) {
			fd_drop(sock);
			if (r != -EPROTO)
				return; /* its process is dead, or about to exec */
			warden_box_fail(l, "note", r);
			warden_box_kill(l, KILL_BROKEN);
			return;
		}
		on_note(w, l, &n, sock, fds, nfds);
		fd_drop(&fds[0]);
		fd_drop(&fds[1]);
		fd_drop(&fds[2]);
	}
}

/* A box that was released goes on: its processes are children of ours; but the launcher cannot make another one. */
static void on_launcher_lost(struct warden_context *w, struct warden_lane *l)
{
	l->launcher_dead = true;
	warden_expect_strays(w);
	lane_end_launcher(&l->lane);
	if (l->state == LANE_ENDING || l->state == LANE_CLEANING || l->state == LANE_LOST)
		return;
	if (l->state == LANE_RUNNING) {
		if (l->program.runner == RUNNER_EXEC && l->program.state != PROGRAM_NONE &&
		    l->program.pidfd < 0)
			warden_standby_unanswered(w, l, "launcher");
		return;
	}
	warden_box_fail(l, "launcher", EPIPE);
	if (l->init.pidfd >= 0)
		warden_box_kill(l, KILL_BROKEN);
	else
		warden_end_over(w, l);
}

static void on_launched(struct warden_context *w, struct warden_lane *l)
{
	struct launched reply;
	int pidfd = -1, r;
	size_t nfds = 1;

	r = fd_recv_frame(l->lane.sock, &reply, sizeof(reply), &pidfd, &nfds);
	if (r == -EAGAIN || r == -ECONNRESET) /* what it wrote before it died comes now */
		return;
	if (r <= 0)
		on_launcher_lost(w, l);
	else
		warden_standby_launched(w, l, RUNNER_EXEC, &reply, nfds ? pidfd : -1);
}

void warden_box_event(struct warden_context *w, struct warden_lane *l, unsigned source)
{
	switch (source) {
	case SOURCE_LAUNCHER:
		if (l->lane.sock >= 0)
			on_launched(w, l);
		break;
	case SOURCE_INIT_NOTE: on_notes(w, l, &l->init.note_fd); break;
	case SOURCE_PROGRAM_NOTE: on_notes(w, l, &l->program.note_fd); break;
	case SOURCE_INIT_DEAD:
		if (l->init.pidfd >= 0)
			warden_end_init(w, l);
		break;
	case SOURCE_PROGRAM_DEAD:
		if (l->program.pidfd >= 0)
			warden_end_program(w, l);
		break;
	case SOURCE_LISTENER:
		if (l->program.listener_fd >= 0)
			warden_denied_event(w, l);
		break;
	case SOURCE_TIMER: warden_box_timer(w, l); break;
	case SOURCE_MEMORY: warden_box_memory(w, l); break;
	default:
		if (source >= SOURCE_ZYGOTE && source < SOURCE_NEXT)
			warden_zygote_event(w, l, source - SOURCE_ZYGOTE, false);
		else if (source >= SOURCE_NEXT && source < SOURCE_NEXT + RUNNER_KINDS)
			warden_zygote_event(w, l, source - SOURCE_NEXT, true);
		break;
	}
}

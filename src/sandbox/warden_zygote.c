/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The zygotes of a lane: started when the engine asks for one, replaced after so many forks or minutes,
 * since all children of one share its address layout and hash seed, and started anew when they die.
 *
 * A new one is started beside the old one, which serves until the new one is ready and no program of it lives: there
 * is no gap.  A lane that nobody wants just then throws its box away for that, rather than keep two.  A zygote is trusted to contain what it forks as any launcher is; what it says otherwise is checked
 * for shape, number and order, and one that breaks the protocol, does not answer, or is no longer what it was when it
 * became ready, is ended: boxes are cold until the next one serves.
 *
 * One that says why it cannot serve is believed, and not started again; so is one that ends three times without
 * a word.  One that has served once is started anew whenever it is gone: its runtime is fine.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/warden_box.h"

#define STILLBORN_MAX \
	3u /* starts in a row that end without a word, of a zygote that never served */
#define RESTART_NSEC (250 * NSEC_PER_MSEC) /* between two starts */

static void zygote_end(struct warden_context *w, struct warden_zygote *z)
{
	if (z->sock >= 0)
		close(TAKE_FD(z->sock));
	if (z->pid > 0) {
		kill(z->pid, SIGKILL);
		/* Not waited for here: a large process takes its time to die. */
		if (w->ended_zygotes < WARDEN_ENDED_MAX)
			w->ended[w->ended_zygotes++] = z->pid;
	}
	*z = (struct warden_zygote){ .sock = -1 };
}

static void zygote_lost(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			struct warden_zygote *z, int error, const char *why);

static void zygote_begin(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			 struct warden_zygote *z, unsigned source)
{
	struct err err = ERR_INIT;
	int r = lane_zygote(&l->lane, &w->lane_config, runner, &z->sock, &z->pid, &err);

	l->warm_after_nsec[runner] = clock_now_nsec() + RESTART_NSEC;
	if (r == 0)
		r = fd_set_nonblock(z->sock, 1);
	if (r == 0)
		r = warden_watch(w, z->sock, l->lane.index, source + runner);
	if (r == 0)
		return;
	zygote_lost(w, l, runner, z, r, err.text);
}

void warden_zygote_start(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			 bool ahead)
{
	l->warm[runner] = true;
	if (ahead)
		l->ahead = (int)runner;
	if (l->zygotes[runner].pid == 0)
		zygote_begin(w, l, runner, &l->zygotes[runner], SOURCE_ZYGOTE);
	else if (l->next[runner].pid == 0)
		zygote_begin(w, l, runner, &l->next[runner], SOURCE_NEXT);
}

/* It never served, nor did another one in this lane before. */
static void zygote_stillborn(struct warden_context *w, struct warden_lane *l,
			     enum runner_kind runner, int error, const char *why)
{
	if (error == -EPIPE && ++l->stillborn[runner] < STILLBORN_MAX) {
		zygote_begin(w, l, runner, &l->zygotes[runner], SOURCE_ZYGOTE);
		return;
	}
	l->warm[runner] = false;
	warden_report_zygote(w, l, runner, error, why);
}

/* It does not serve, or no longer; error -EPIPE: it died. One that once did is started anew. */
static void zygote_lost(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			struct warden_zygote *z, int error, const char *why)
{
	bool served = z->ready, serving = z == &l->zygotes[runner];

	zygote_end(w, z);
	if (!serving)
		return;
	if (!served && !l->warm_told[runner]) {
		zygote_stillborn(w, l, runner, error, why);
	} else {
		warden_box_orphaned(w, l, runner);
		/* At once, so that no box runs cold for it; or, where this comes often, before one that does. */
		if (!l->launcher_dead && clock_now_nsec() >= l->warm_after_nsec[runner])
			warden_zygote_start(w, l, runner, false);
	}
}

void warden_zygote_break(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			 const char *why)
{
	zygote_lost(w, l, runner, &l->zygotes[runner], -EPROTO, why);
}

static void zygote_ready(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			 struct warden_zygote *z, struct launched *told)
{
	told->text[sizeof(told->text) - 1] = '\0';
	if (told->error) {
		zygote_lost(w, l, runner, z, told->error, told->text);
		return;
	}
	z->ready = true;
	z->ready_nsec = clock_now_nsec();
	warden_place_zygote(w, l, z);
	warden_posture_note(z);
	if (z != &l->zygotes[runner]) {
		if (l->state == LANE_READY)
			warden_zygote_rest(w, l);
		return;
	}
	if (!l->warm_told[runner])
		warden_report_zygote(w, l, runner, 0, told->text);
	l->warm_told[runner] = true;
	l->stillborn[runner] = 0;
	if (l->ahead == (int)runner && l->state == LANE_READY && l->init.ready &&
	    l->program.state == PROGRAM_NONE) {
		l->state = LANE_PREPARING;
		warden_arm(l, clock_now_nsec() + SETUP_NSEC);
		warden_standby_program(w, l, runner);
	}
}

/*
 * It is ready once, answers each launch once and in order, and then tells, if it reaps, the end of each once. One that is
 * to replace another has no launch to speak of.
 */
static bool may_say(const struct warden_zygote *z, enum runner_kind runner,
		    const struct launched *told)
{
	switch (told->kind) {
	case LAUNCHED_READY: return !z->ready;
	case LAUNCHED: return told->serial > z->answered && told->serial <= z->launched;
	case LAUNCHED_STATUS:
		return warden_zygote_reaps(runner) && told->serial > z->told &&
		       told->serial <= z->answered;
	default: return false;
	}
}

static void zygote_said(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			struct warden_zygote *z, struct launched *told, int pidfd)
{
	int r = 0;

	if (!may_say(z, runner, told)) {
		fd_drop(&pidfd);
		r = -EPROTO;
	} else if (told->kind == LAUNCHED) {
		z->answered = told->serial;
		r = warden_standby_launched(w, l, runner, told, pidfd);
	} else {
		fd_drop(&pidfd);
		if (told->kind == LAUNCHED_READY) {
			zygote_ready(w, l, runner, z, told);
		} else {
			z->told = told->serial;
			r = warden_box_status(w, l, told->serial, told->wait_status);
		}
	}
	if (r < 0)
		zygote_lost(w, l, runner, z, r, "it broke the protocol");
}

void warden_zygote_event(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			 bool next)
{
	struct warden_zygote *z = next ? &l->next[runner] : &l->zygotes[runner];
	struct launched told;
	int pidfd = -1, r;
	size_t nfds = 1;

	if (z->sock < 0)
		return;
	r = fd_recv_frame(z->sock, &told, sizeof(told), &pidfd, &nfds);
	if (r == -EAGAIN || r == -ECONNRESET) /* what it wrote before it died comes now */
		return;
	if (r <= 0) {
		zygote_lost(w, l, runner, z, r == -EPROTO ? r : -EPIPE,
			    r == -EPROTO ? "it broke the protocol" : "it ended");
		return;
	}
	zygote_said(w, l, runner, z, &told, nfds ? pidfd : -1);
}

/* Its age limit; lanes that began together have theirs at different moments. */
static uint64_t old_nsec(const struct warden_context *w, const struct warden_lane *l)
{
	return w->zygote_age_nsec - w->zygote_age_nsec / 4 * l->lane.index / w->nlanes;
}

/* When another one is to be started, in place of one that is gone or beside one that is old; UINT64_MAX: not yet known. */
static uint64_t due_nsec(const struct warden_context *w, const struct warden_lane *l,
			 unsigned runner)
{
	const struct warden_zygote *z = &l->zygotes[runner];
	uint64_t at = 0;

	if (!l->warm[runner] || (z->pid != 0 && (!z->ready || l->next[runner].pid != 0)))
		return UINT64_MAX;
	if (z->pid != 0 && z->forks < w->zygote_forks)
		at = z->shown ? z->ready_nsec + old_nsec(w, l) : UINT64_MAX;
	return at > l->warm_after_nsec[runner] ? at : l->warm_after_nsec[runner];
}

void warden_zygote_turn(struct warden_context *w, struct warden_lane *l)
{
	uint64_t now = clock_now_nsec();

	for (unsigned r = 0; r < RUNNER_KINDS; r++) {
		struct warden_zygote *z = &l->zygotes[r], *next = &l->next[r];
		const char *fault;

		if (!l->warm[r])
			continue;
		if (z->ready && (fault = warden_posture_fault(z)))
			warden_zygote_break(w, l, r, fault);
		if (next->ready) {
			zygote_end(w, z);
			*z = *next;
			*next = (struct warden_zygote){ .sock = -1 };
			warden_rewatch(w, z->sock, l->lane.index, SOURCE_ZYGOTE + r);
		}
		if (due_nsec(w, l, r) <= now)
			warden_zygote_start(w, l, r, false);
	}
}

/* The box that waits is ended like one that was answered: an order that comes meanwhile finds the lane being made. */
static void renew(struct warden_context *w, struct warden_lane *l)
{
	if (l->init.pidfd < 0) {
		warden_zygote_turn(w, l);
		return;
	}
	l->state = LANE_ENDING;
	warden_box_end(l);
}

void warden_zygote_rest(struct warden_context *w, struct warden_lane *l)
{
	uint64_t first = UINT64_MAX, now = clock_now_nsec();

	for (unsigned r = 0; r < RUNNER_KINDS; r++) {
		if (l->warm[r] && l->next[r].ready) {
			renew(w, l);
			return;
		}
		if (due_nsec(w, l, r) <= now)
			warden_zygote_start(w, l, r, false);
		if (due_nsec(w, l, r) < first)
			first = due_nsec(w, l, r);
	}
	warden_arm(l, first == UINT64_MAX ? 0 : first);
}

void warden_zygote_close(struct warden_context *w, struct warden_lane *l)
{
	for (unsigned r = 0; r < RUNNER_KINDS; r++) {
		zygote_end(w, &l->zygotes[r]);
		zygote_end(w, &l->next[r]);
	}
}

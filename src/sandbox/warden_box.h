/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the warden do for each other; its state is in warden_lane.h. */
#pragma once

#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "kernel/cgroup_place.h"
#include "sandbox/warden_lane.h"

/* SOURCE_MEMORY once for each ring: a leaf that is gone rings once more. */
int warden_watch(const struct warden_context *w, int fd, unsigned lane, unsigned source);
/* A launcher was lost, and may have forked a child of ours: until we have reaped it no init dies, so for a while it is looked for. */
void warden_expect_strays(struct warden_context *w);
/* The same descriptor means something else now. */
int warden_rewatch(const struct warden_context *w, int fd, unsigned lane, unsigned source);
void warden_report(struct warden_context *w, enum report_kind kind, const struct warden_lane *l);
void warden_report_zygote(struct warden_context *w, const struct warden_lane *l,
			  enum runner_kind runner, int error, const char *text);

/* ---- warden_box.c: a box with an order ---- */

/* The order was checked; takes the descriptors over. */
void warden_box_order(struct warden_context *w, struct warden_lane *l, const struct order *o,
		      const int *fds, size_t nfds);
void warden_box_kill(struct warden_lane *l, enum box_kill why);
/* init is killed, and the kernel kills the rest. */
void warden_box_end(struct warden_lane *l);
/* An event on one of the lane's descriptors, perhaps of an earlier box's: whoever reads must not wait. */
void warden_box_event(struct warden_context *w, struct warden_lane *l, unsigned source);
/* The host's failure at a step: the first one of a box counts. error: an errno of either sign. */
void warden_box_fail(struct warden_lane *l, const char *step, int error);
/* init waits; a program may wait too: the order, if there is one, is released. */
void warden_box_ready(struct warden_context *w, struct warden_lane *l);
/* Nothing of the standby lives any more, or it could not be made. */
void warden_box_broken(struct warden_context *w, struct warden_lane *l);
/* The wait status of a program that a zygote is parent of. -EPROTO: that program lives. */
int warden_box_status(struct warden_context *w, struct warden_lane *l, uint64_t serial, int status);
/* Its zygote is gone: the program, if there is one, becomes ours. */
void warden_box_orphaned(struct warden_context *w, struct warden_lane *l, enum runner_kind runner);
#define SETUP_NSEC (20 * NSEC_PER_SEC) /* what is neither released nor broken by then has hung */
/* A moment; 0 disarms. */
void warden_arm(const struct warden_lane *l, uint64_t at_nsec);

/* Closes what came with the order: its program has it, or nobody will. */
void warden_order_drop(struct warden_lane *l);
/* Reads cpu time; kills, or arms the timer for the next moment at which a limit could be exceeded. */
void warden_box_check_limits(struct warden_context *w, struct warden_lane *l);
void warden_box_timer(struct warden_context *w, struct warden_lane *l);
void warden_box_memory(struct warden_context *w, struct warden_lane *l);
/* A look at a borrowed cgroup, which bounds nothing by itself: false where it was one too many. */
bool warden_box_watch(struct warden_context *w, struct warden_lane *l);

/* ---- warden_rootless.c ---- */

/* fork; rootless: into a pid namespace of its own. */
pid_t warden_fork(bool rootless);
/* In the child: a mount namespace with a /proc of that pid namespace. */
int warden_enter(struct err *err);
/* At the end: whomever we never got to know of, where a namespace of our own tells us who that is. */
void warden_kill_rest(const struct warden_context *w);
/* Opens w->cgroups, in the first free slot where that is not chosen yet. */
int warden_open_cgroups(struct warden_context *w, const struct cgroup_place *place,
			struct err *err);

/* ---- warden_end.c ---- */

/* waitid(2) that no signal interrupts. */
int warden_wait(idtype_t what, id_t id, siginfo_t *info, int options);

/* init died; its descriptor says so, or the status that was owed has come. */
void warden_end_init(struct warden_context *w, struct warden_lane *l);
void warden_end_program(struct warden_context *w, struct warden_lane *l);
void warden_end_prepare(struct warden_lane *l); /* while its program runs */
/* init does not get done with the artefact: the box is broken. */
void warden_end_harvest(struct warden_lane *l);
/* Another look for the status that is owed. */
void warden_end_owed(struct warden_context *w, struct warden_lane *l);
void warden_end_over(struct warden_context *w, struct warden_lane *l); /* nothing of it runs */
/* Another look at a leaf that was not clean. */
void warden_end_clean(struct warden_context *w, struct warden_lane *l);

/* ---- warden_standby.c: a box ahead of its order ---- */

void warden_standby_init(struct warden_lane *l);
/* What rings when memory is out; and a new leaf in place of an old one: when it fails there is none, until it is tried again. */
int warden_watch_leaf(const struct warden_context *w, const struct warden_lane *l);
int warden_standby_leaf(struct warden_context *w, struct warden_lane *l);
/* Begins to make one in a clean leaf. Ends in warden_box_ready() or warden_box_broken(), perhaps at once. */
void warden_standby_make(struct warden_context *w, struct warden_lane *l);
/* Something of it has come about: launches what is next, and says when all that is wanted waits. */
void warden_standby_progress(struct warden_context *w, struct warden_lane *l);
/* Forks a program into the waiting init; of the exec runner, where the wanted one's zygote does not serve. */
void warden_standby_program(struct warden_context *w, struct warden_lane *l,
			    enum runner_kind runner);
/* Ends the waiting program; meanwhile the lane prepares. It fails the box where that program is not what it should be. */
void warden_standby_drop_program(struct warden_lane *l);
void warden_standby_dropped(struct warden_context *w, struct warden_lane *l); /* it is dead */
void warden_standby_close(struct warden_lane *l); /* what is left of a dead box */
/*
 * An answer about a process that was forked, by the lane's launcher (from: RUNNER_EXEC) or a zygote. Takes the
 * pidfd. -EPROTO where it cannot be true: whoever sent it is broken.
 */
int warden_standby_launched(struct warden_context *w, struct warden_lane *l, enum runner_kind from,
			    const struct launched *reply, int pidfd);
/* The program's launcher or zygote died before it could answer. Has it forked one? who: a step's name. */
void warden_standby_unanswered(struct warden_context *w, struct warden_lane *l, const char *who);

/* ---- warden_proof.c: what is taken from a launcher's word is proved first ---- */

/* Is it one of the processes that we keep by number? */
bool warden_knows(const struct warden_context *w, pid_t pid);
/* Its zygote is the program's parent, and tells its status. */
bool warden_zygote_reaps(enum runner_kind runner);
/* A process that this lane's launch can have made: nobody whom we know, our child or the zygote's, and then in the box. */
bool warden_may_adopt(const struct warden_context *w, const struct warden_lane *l,
		      enum runner_kind from, pid_t pid, int pidfd);
/* Does it stand for the process with this number, in the pid namespace of the lane's init? */
bool warden_in_box(const struct warden_lane *l, pid_t pid, int pidfd);
/* Whom a launcher forked into the box, and did not live to tell: its pidfd and pid, or -1. Nobody was forked, then. */
int warden_find_program(const struct warden_lane *l, pid_t *ret_pid);

/* ---- warden_posture.c: is a zygote still what it was when it became ready? ---- */

void warden_posture_note(struct warden_zygote *z); /* it is ready */
/* No program of it lives. NULL, or why it must not fork again. */
const char *warden_posture_fault(struct warden_zygote *z);

/* ---- warden_zygote.c ---- */

/* ahead: also a program of it, as soon as it serves. */
void warden_zygote_start(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			 bool ahead);
void warden_zygote_event(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			 bool next);
/* It broke its word, or does not answer: ended, as if it had died. */
void warden_zygote_break(struct warden_context *w, struct warden_lane *l, enum runner_kind runner,
			 const char *why);
/* No program lives in the lane: zygotes that are old or not what they were are replaced, dead ones started anew. */
void warden_zygote_turn(struct warden_context *w, struct warden_lane *l);
/* The lane waits for an order: the same is done at once, its box made anew, or the timer set for it. */
void warden_zygote_rest(struct warden_context *w, struct warden_lane *l);
void warden_zygote_close(struct warden_context *w, struct warden_lane *l);

/* ---- warden_denied.c ---- */

void warden_denied_event(struct warden_context *w, struct warden_lane *l);
/* The kernel says that no process under the box's filter will run any more. False where it does not know. */
bool warden_denied_over(const struct warden_lane *l);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The warden's own: what it knows of one lane, its zygotes and the box in it, and of all lanes together.
 *
 * A box is made ahead of its order: an init waits (warden_standby.c), and perhaps a program in it.  An order
 * releases it (warden_box.c).  What breaks while no order is there is merely thrown away; the order that
 * comes then finds it made anew.
 */
#pragma once

#include <stdbool.h>

#include "sandbox/lane.h"
#include "sandbox/layers.h"
#include "sandbox/slot.h"
#include "sandbox/warden_place.h"
#include "sandbox/wire_box.h"

#define WARDEN_ENDED_MAX (WIRE_LANES_MAX * RUNNER_KINDS * 2)

enum warden_source {
	SOURCE_ENGINE,
	SOURCE_LAUNCHER,
	SOURCE_INIT_NOTE,
	SOURCE_INIT_DEAD,
	SOURCE_PROGRAM_NOTE,
	SOURCE_PROGRAM_DEAD,
	SOURCE_LISTENER,
	SOURCE_TIMER,
	SOURCE_MEMORY,
	SOURCE_ZYGOTE,				    /* + enum runner_kind */
	SOURCE_NEXT = SOURCE_ZYGOTE + RUNNER_KINDS, /* the same, for one that is to replace it */
};

enum warden_state {
	LANE_PREPARING, /* an init is on its way, and perhaps a program */
	LANE_READY,	/* they wait; or they broke, and are made when an order comes */
	LANE_RUNNING,	/* from the release of an order until it is answered */
	LANE_ENDING,	/* answered, or not wanted: init is killed, and who is left in the box */
	LANE_CLEANING,	/* the leaf is not yet back to nothing */
	LANE_LOST,
};

enum program_state {
	PROGRAM_NONE,
	PROGRAM_LAUNCHING,
	PROGRAM_WAITING, /* contained, for its order */
	PROGRAM_DROPPED, /* it waited for another order than what came: killed, not dead yet */
	PROGRAM_STARTED,
	PROGRAM_DEAD, /* and its status is known */
};

struct warden_init {
	int note_fd, pidfd; /* owned */
	pid_t pid;
	int peer_fd;   /* owned: what a program talks to it by */
	int disk_fd;   /* owned: /box, O_PATH */
	int mounts_fd; /* owned: its mount namespace */
	uint64_t serial;
	uint32_t uid;	   /* of the program that this box is for */
	uint32_t programs; /* forked into it */
	bool ready;
	bool dead; /* but the program's status is still owed */
};

struct warden_program {
	enum program_state state;
	enum runner_kind runner;	 /* whose launcher forked it */
	int note_fd, pidfd, listener_fd; /* owned */
	int their_note_fd;		 /* owned: the other end, until it is launched */
	int waited_fd;			 /* owned: what it waited for, once it has started */
	pid_t pid;
	uint64_t serial;
	bool status_owed; /* it is dead, and its parent, a zygote, will say how */
	bool orphaned;	  /* that zygote is gone: we become the parent */
	uint64_t owed_until_nsec;
};

struct warden_zygote {
	int sock;	   /* owned */
	pid_t pid;	   /* owned: our child; 0: none */
	bool ready, shown; /* its programs have run: one may know what the next ones share */
	unsigned forks;
	uint64_t ready_nsec;
	/* Its posture when it became ready, and the last looks at it (warden_posture.c). */
	unsigned threads, fds, looked_forks, odd_looks;
	/* Serials: of the last launch that it was sent, that it answered, whose end it told. */
	uint64_t launched, answered, told;
};

struct warden_lane {
	struct lane lane;
	enum warden_state state;
	bool launcher_dead;
	bool offered;	/* the engine knows that it may send an order */
	bool stuck;	/* the engine knows that its init, who was killed, does not die */
	unsigned boxes; /* made so far: chooses the next uid */
	unsigned clean_tries, death_looks;
	int timer_fd; /* owned, lives as long as the lane */
	struct warden_zygote zygotes[RUNNER_KINDS], next[RUNNER_KINDS];
	bool warm[RUNNER_KINDS];		/* the engine wants a zygote of it */
	bool warm_told[RUNNER_KINDS];		/* that it serves */
	unsigned stillborn[RUNNER_KINDS];	/* that ended in a row without a word */
	uint64_t warm_after_nsec[RUNNER_KINDS]; /* not started again before */
	struct warden_init init;
	struct warden_program program;
	/*
	 * Owned: the last box's mount namespace.  To end one takes the kernel a while, which a held descriptor
	 * puts off; the launcher closes it, when it has cloned the next init.
	 */
	int bury_fd;
	int ahead; /* enum runner_kind of the program to be forked ahead, or -1 */
	/* the order: kept until its program has started, so that it can be begun anew */
	bool have_order, retried;
	bool harvesting; /* the program has ended, and init copies the artefact or files out */
	bool ran_out;	 /* of memory: init is killed, with all that are left */
	unsigned memory_looks; /* still to be taken: it rang, but nobody is counted yet */
	struct order order;
	int order_fds[RELEASE_FDS_MAX]; /* owned; -1 */
	uint64_t box;
	uint64_t release_nsec, end_nsec, cpu_base_usec, memory_base_bytes;
	struct facts facts;
};

struct warden_context {
	int epoll_fd, engine_fd;
	unsigned cpus, layers_off, zygote_forks;
	bool rootless;
	unsigned io_major, io_minor;
	struct limits caps;
	struct slot slot;
	struct cgroup_root cgroups;
	struct lane_config lane_config;
	struct warden_places places;
	struct warden_lane lanes[WIRE_LANES_MAX];
	unsigned nlanes;
	uint64_t serial, zygote_age_nsec;
	pid_t ended[WARDEN_ENDED_MAX]; /* zygotes that were killed and are to be reaped */
	unsigned ended_zygotes;
	uint64_t strays_until_nsec; /* there may be children whom no launcher told us of */
	pid_t stray;		    /* the first one now, and since when it was seen */
	uint64_t stray_nsec;
	bool engine_gone;
};

/* A box's bandwidth from its init's first moment on, in thousandths of a processor; 0: none. */
static inline unsigned warden_cpus_milli(const struct warden_context *w)
{
	return layer_off(w->layers_off, LAYER_CGROUP_CPU) ? 0 : 1000;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel for fuzz_warden.c, as far as one lane of the warden sees it: processes, time, cgroups, and the making of
 * launchers and zygotes.  The warden's files are compiled with -Dkill=fake_kill and so on (meson.build).
 */
#pragma once

#include "base/clock.h"
#include "sandbox/warden_box.h"

enum process_kind {
	PROCESS_INIT,	  /* a child of ours, as the launcher makes inits and programs */
	PROCESS_CHILD,	  /* the same, as a zygote makes programs */
	PROCESS_ZYGOTES,  /* a zygote's own child, in the box */
	PROCESS_STRANGER, /* whom nobody may touch */
};

struct fake_kernel {
	int launcher, zygotes[2 * RUNNER_KINDS]; /* their ends, or -1 */
	int init_note, program_note;
	uint64_t now_nsec, timer_nsec; /* 0: not armed */
	uint64_t done;		       /* orders that were answered */
	bool unclean;		       /* leaves have something left in them */
};

extern struct fake_kernel fake;

/* Closes whatever is open. */
void fake_reset(void);
/* A pidfd; *ret_pid is left alone where there are too many. */
int fake_process(enum process_kind kind, int *ret_pid);
void fake_die(int pidfd, int status);
bool fake_is_dead(int pidfd);
int fake_timer(void);
/* Until the timer is due; false where none is armed. */
bool fake_time_passes(int timer_fd);

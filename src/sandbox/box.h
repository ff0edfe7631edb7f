/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One box from the inside: what runs between clone and exec, for every runner.  Two processes, each a
 * table of named steps: init (pid 1: mounts, files, then only waits) and the program (pid 2, until its
 * exec).  No malloc, no stdio, no logging; a failed step is told by its name on the note socket.
 */
#pragma once

#include <linux/filter.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/payload.h"
#include "sandbox/wire.h"

#define BOX_UID 1000u /* the program's uid and gid as it sees them */

/* What a launcher keeps for all boxes of its lane. */
struct box_lane {
	struct sock_fprog filter;
	int landlock_abi;
};

struct box {
	const struct box_lane *lane;
	struct launch launch;
	/* All descriptors belong to init; the program's copies are close-on-exec. */
	int fds[LAUNCH_FIXED_FDS];
	int artefact_fd; /* -1 without one */
	int join_fds[8];
	int go_fd;     /* eventfd: init tells the program that its identity is ready */
	int box_dirfd; /* /box, O_PATH */
	pid_t program;
	int listener_fd;	    /* the filter's, in the program until its exec */
	uint64_t cpu_base_usec;	    /* the leaf's usage at release */
	uint64_t memory_base_bytes; /* the leaf's level before there was a program */
	struct payload_view payload;
};

/* Body of init: never returns. */
void box_init_main(struct box *b) __attribute__((noreturn));
/* Body of the program up to exec: never returns. */
void box_program_main(struct box *b) __attribute__((noreturn));

/* For both: tells the warden which step failed. */
void box_note_failed(const struct box *b, const char *step, int error);

struct box_step {
	const char *name;	   /* at most 31 bytes */
	int (*run)(struct box *b); /* 0 or a negative errno */
};

/* Runs a table up to its first failure, which is noted, and then exits. */
void box_run_steps(struct box *b, const struct box_step *steps, size_t n);

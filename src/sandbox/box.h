/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One box from the inside, for every runner: what its two processes do between their birth and the
 * program's own code, as tables of named steps.
 *
 * init (pid 1) is born ahead of any order: it makes the mounts and waits.  The program is forked by
 * the launcher of its runner, perhaps ahead as well: it enters init's namespaces, gives everything up, installs
 * its filter and waits.  At the order init copies the files in, drops its own privileges and tells the program to go.
 * No malloc, no stdio, no logging; a failed step is told by its name on the note socket.
 */
#pragma once

#include <linux/filter.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/cgroup.h"
#include "sandbox/payload.h"
#include "sandbox/wire_box.h"

#define BOX_UID 1000u /* the program's uid and gid as it sees them */

/* What a launcher keeps for all boxes of its lane. */
struct box_lane {
	struct sock_fprog
		closing; /* of the filter, whose base is on already; empty where the layer is off */
	int landlock_abi;
	cpu_set_t cpus; /* with which the launcher was born, and programs are */
};

/* One of the two processes; which uses what is told by the names. */
struct box {
	const struct box_lane *lane;
	struct launch launch;
	int note_fd, peer_fd;
	int join_fds[CGROUP_JOIN_MAX];
	/* init */
	int box_dirfd;	     /* /box, O_PATH */
	int program_peer_fd; /* the program's end, until it is handed to the warden */
	int bury_fd; /* launcher: a namespace to close when the next init is on its way, or -1 */
	int rules_fd; /* owned: Landlock's for programs, who get them by descriptor; where there are any */
	uint32_t mapped; /* programs whose user namespace was mapped */
	struct release release;
	int run_fds[RELEASE_FDS_MAX]; /* of the order; behind the program's the artefact, or -1 */
	int files_fd;		      /* of the order: where the files go, or -1 */
	/* program */
	int init_pidfd, usage_fd, memory_fd;
	bool joined; /* v2: it was cloned into its cgroup */
	int listener_fd;
	struct peer go;
	/* both */
	struct payload_view payload;
};

/* Body of init: never returns. */
void box_init_main(struct box *b) __attribute__((noreturn));
/*
 * The program until its own code: returns contained and released, with the descriptors 0 to 2 in place; everything else is
 * close-on-exec. `settle` (may be NULL) is called before it waits, contained.
 */
void box_program_enter(struct box *b, void (*settle)(struct box *b));
/* The exec runner's own code: never returns. */
void box_program_exec(struct box *b) __attribute__((noreturn));

/* For both: tells the warden which step failed. */
void box_note_failed(const struct box *b, const char *step, int error);

/* Of both: Landlock is here, and on. */
bool box_has_rules(const struct box *b);

struct box_step {
	const char *name;	   /* at most 31 bytes */
	int (*run)(struct box *b); /* 0 or a negative errno */
};

/* Runs a table up to its first failure, which is noted, and then exits. */
void box_run_steps(struct box *b, const struct box_step *steps, size_t n);
/* Closes every descriptor from `from` on but those in keep (-1: none). 0 or a negative errno. */
int box_close_but(unsigned from, const int *keep, size_t n);

/* ---- init's own ---- */

/* Decimal without stdio. Returns the end of what was written; `text` has room for 21 bytes. */
char *box_put_number(char *text, uint64_t v);
char *box_put_text(char *to, const char *s);
/* The maps of the program's user namespace, and its oom_score_adj. pid: as seen in the box. 0 or a negative errno. */
int box_map_program(struct box *b, pid_t pid);
/* init goes on as a uid that owns nothing; to clear a compile box it keeps the right to signal. */
int box_step_drop(struct box *b);

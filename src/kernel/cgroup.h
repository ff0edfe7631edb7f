/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One cgroup leaf per lane, behind one header with two drivers: v2 (cgroup_v2.c) and v1, also on
 * hybrid hosts (cgroup_v1.c).  cgroup_root_open() finds out which has the controllers.  A third one (cgroup_borrowed.c)
 * only reads a container's own group: its single leaf has no limits but those that cgroup_leaf_watch() sees exceeded.
 *
 * Layout, in each hierarchy: PARENT/kodewar/SLOT/ctl (launchers) and PARENT/kodewar/SLOT/laneN (boxes).
 * Everything is done through kept directory descriptors; the paths hold nothing a user chose.
 * No function logs; all return 0 or a negative errno with a story.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "kernel/cgroup_parse.h"

#define CGROUP_JOIN_MAX 8 /* most descriptors a process must write "0" to, to join a leaf (v1) */
#define CGROUP_FILES 16	  /* control files kept open per leaf; enum cgroup_file of cgroup_ops.h */

enum cgroup_controller {
	CGROUP_MEMORY,
	CGROUP_PIDS,
	CGROUP_CPU,
	CGROUP_CPUACCT,
	CGROUP_IO,
	CGROUP_CONTROLLERS,
};

extern const char *const cgroup_controller_names[CGROUP_CONTROLLERS];

struct cgroup_ops;

struct cgroup_root {
	const struct cgroup_ops *ops;
	int version; /* 1 or 2 */
	bool borrowed;
	int dirfds
		[CGROUP_CONTROLLERS]; /* owned: SLOT directory per controller; v2: only [0]; -1 absent */
	unsigned present; /* bit per controller that is usable; limits of others are not set */
	bool memory_swap; /* swap can be forbidden (memsw or swap.max), or the host has none */
	char slot[32];
};

struct cgroup_limits {
	uint64_t memory_bytes;	   /* 0 is refused */
	uint64_t pids;		   /* already with our own init counted in; 0 is refused */
	unsigned cpus_milli;	   /* 1000 = one cpu; 0 = unlimited */
	uint64_t io_bytes_per_sec; /* each of read and write, on io_major:io_minor; 0 = unlimited */
	unsigned io_major, io_minor; /* whole-disk device behind the tree; 0:0 = none */
};

/*
 * Kept descriptors of one leaf.  A process joins by writing "0" to each of join_fds (v1; they are
 * `tasks` files: a caller with one thread moves itself without the kernel's global lock, which
 * cgroup.procs takes), or by being cloned into join_fds[0] (v2).
 * v2 before 6.12: join_fds[0] and memory_fd are new whenever `generation` has changed, which prepare and
 * check_clean may do: hand them out per box, never once.
 */
struct cgroup_leaf {
	struct cgroup_root *root;
	int dirfds[CGROUP_CONTROLLERS]; /* owned; v2: only [0] */
	int join_fds[CGROUP_JOIN_MAX];	/* owned */
	unsigned njoin;
	int files[CGROUP_FILES]; /* owned */
	int usage_fd,
		memory_fd; /* of files: pread gives cpu usage and memory level, see cgroup_parse_* */
	/*
	 * An eventfd that v1 rings when memory is out, a little before it kills and counts; -1 elsewhere: v2 ends the
	 * whole box by itself, and a borrowed cgroup is watched.
	 */
	int oom_fd;
	struct cgroup_limits limits;	      /* as set */
	bool limits_known;		      /* false: the next prepare writes all of them */
	uint64_t oom_base, pids_base;	      /* counters at the last prepare */
	uint64_t throttled_usec, cpu_periods; /* at the last read or prepare */
	unsigned generation; /* v2 without a resettable peak: names of fresh leaves */
	unsigned lane;
	bool peak_resettable;
	bool used;	     /* prepared since the last fresh generation */
	uint64_t doubt_nsec; /* since when a charge within the kernel's lag is seen; 0 = none */
	/* borrowed: what was there before the box, and the most that was seen of it */
	uint64_t level_base_bytes, level_peak_bytes, usage_peak_bytes, tasks_base, tasks_peak;
	uint64_t level_max_bytes; /* what a program may make of it; UINT64_MAX: none has begun */
};

struct cgroup_reading {
	uint64_t cpu_usec; /* since the leaf was made: callers subtract the value at release */
	uint64_t memory_bytes;
	uint64_t memory_peak_bytes;	 /* since the last prepare; v2 before 5.19 has none: 0 */
	uint64_t oom_kills, pids_events; /* since the last prepare */
	/* since the last prepare or read: stood still for its bandwidth, and periods of it in which something ran */
	uint64_t throttled_usec, cpu_periods;
	bool throttled_known;	/* both */
	uint64_t pids;		/* tasks now */
	uint64_t charged_bytes; /* anonymous + shmem + swap still charged: 0 when clean */
};

/*
 * base: where the hierarchies are mounted ("/sys/fs/cgroup", or a fake tree in tests); slot: name of
 * this instance's directory, leftovers of a dead owner below it are killed and removed first. A living
 * owner holds a lock on it: -EBUSY.  v2 enables controllers on the way down; where the top is not the
 * kernel's root and holds processes, the caller alone is moved to SLOT/ctl, and if that is not enough: -EBUSY.
 * -ENOTSUP names controllers that are missing: memory, pids, cpu.  A failed open leaves nothing to close.
 */
int cgroup_root_open(struct cgroup_root *root, const char *base, const char *slot, struct err *err);
struct cgroup_place;
/* The same for a borrowed one. Nobody else may borrow it at the same time: waits a while, then -EBUSY. */
int cgroup_root_borrow(struct cgroup_root *root, const struct cgroup_place *place, struct err *err);
/* Removes everything made below the slot; waits up to a second for it to be empty. Leaves must be closed. */
void cgroup_root_close(struct cgroup_root *root);

/* Moves a process (pid, or 0 for the caller) into SLOT/ctl, beside the leaves. */
int cgroup_join_control(struct cgroup_root *root, pid_t pid, struct err *err);
int cgroup_leaf_open(struct cgroup_root *root, unsigned lane, struct cgroup_leaf *ret,
		     struct err *err);
void cgroup_leaf_close(struct cgroup_leaf *leaf); /* removes it */

/* Before each box, in an empty leaf: limits set (written only where they changed), peak reset, counters based. */
int cgroup_leaf_prepare(struct cgroup_leaf *leaf, const struct cgroup_limits *l, struct err *err);
/* Again, with our own tasks in it; v2 before 6.12 counts the peak from the preparation on. */
int cgroup_leaf_begin(struct cgroup_leaf *leaf, const struct cgroup_limits *l, struct err *err);
/* No bandwidth limit until the next prepare: what is to die shall die at once. */
int cgroup_leaf_lift_cpu(struct cgroup_leaf *leaf);
/* The same of the disk: whoever waits for it in the kernel hears no signal. */
int cgroup_leaf_lift_io(struct cgroup_leaf *leaf);
/* What is charged now, in the terms of limits.memory_bytes. */
int cgroup_leaf_level(const struct cgroup_leaf *leaf, uint64_t *ret);
/* Borrowed, else nothing: no program runs, but `waiting` tasks of the box's program are there already. */
int cgroup_leaf_mark(struct cgroup_leaf *leaf, uint64_t waiting);
/* Borrowed, else 0: 1 when more memory is used than allowed, or a negative errno. To be called often. */
int cgroup_leaf_watch(struct cgroup_leaf *leaf);
/* cpu usage only: the hot path of the cpu limit. */
int cgroup_leaf_cpu_usec(const struct cgroup_leaf *leaf, uint64_t *ret);
/* 1: the kernel has killed somebody for want of memory since the last prepare; 0: nobody; or a negative errno. */
int cgroup_leaf_ran_out(const struct cgroup_leaf *leaf);
/* Facts after the end. charged_bytes and pids are not read. */
int cgroup_leaf_read(struct cgroup_leaf *leaf, struct cgroup_reading *ret, struct err *err);
/* Tasks that are in it, the dead that nobody has reaped among them. 0 or a negative errno. */
int cgroup_leaf_tasks(const struct cgroup_leaf *leaf, uint64_t *ret);
/*
 * Off the critical path: pids and charged_bytes. 0 clean, 1 not yet, negative errno.  The kernel's
 * memory statistics lag; a charge within that lag counts as clean for ten seconds and no longer.
 * Makes the next generation where one is needed.
 */
int cgroup_leaf_check_clean(struct cgroup_leaf *leaf, struct cgroup_reading *ret, struct err *err);
/* Kills every task in the leaf (v2 cgroup.kill; v1 by listing). Only for leftovers. */
int cgroup_leaf_kill(const struct cgroup_leaf *leaf);

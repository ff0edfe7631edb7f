/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One cgroup leaf per lane, behind one header with two drivers: v2 (cgroup_v2.c) and v1, also on
 * hybrid hosts (cgroup_v1.c).  cgroup_root_open() finds out which has the controllers.
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

#define CGROUP_JOIN_MAX 8 /* most descriptors a process must write "0" to, to join a leaf (v1) */

enum cgroup_controller {
	CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU, CGROUP_CPUACCT, CGROUP_IO, CGROUP_CONTROLLERS,
};

extern const char *const cgroup_controller_names[CGROUP_CONTROLLERS];

struct cgroup_ops;

struct cgroup_root {
	const struct cgroup_ops *ops;
	int version;		  /* 1 or 2 */
	int dirfds[CGROUP_CONTROLLERS]; /* owned: SLOT directory per controller; v2: only [0]; -1 absent */
	unsigned present;	  /* bit per controller that is usable */
	bool memory_swap;	  /* swap can be forbidden (memsw or swap.max), or the host has none */
	char slot[32];
};

struct cgroup_limits {
	uint64_t memory_bytes;
	uint64_t pids;		  /* already with our own init counted in */
	unsigned cpus_milli;	  /* 1000 = one cpu */
	uint64_t io_bytes_per_sec; /* each of read and write, on io_major:io_minor; 0 = unlimited */
	unsigned io_major, io_minor; /* whole-disk device behind the tree; 0:0 = none */
};

/* Kept descriptors of one leaf. */
struct cgroup_leaf {
	struct cgroup_root *root;
	int dirfds[CGROUP_CONTROLLERS]; /* owned */
	int join_fds[CGROUP_JOIN_MAX];	/* owned; v1: init writes "0" to each; v2: [0] is the dir for CLONE_INTO_CGROUP */
	unsigned njoin;
	int usage_fd, memory_fd; /* owned: files whose pread gives cpu usage and memory level, see cgroup_parse_* */
	struct cgroup_limits limits; /* as set */
	uint64_t oom_base, pids_base; /* counters at the last prepare */
	unsigned generation;	  /* v2 without a resettable peak: names of fresh leaves */
	unsigned lane;
	bool peak_resettable;
};

struct cgroup_reading {
	uint64_t cpu_usec;
	uint64_t memory_bytes, memory_peak_bytes;
	uint64_t oom_kills, pids_events; /* since the last prepare */
	uint64_t pids;		  /* tasks now */
	uint64_t charged_bytes;	  /* anonymous + shmem + swap still charged: 0 when clean */
};

/*
 * base: where the hierarchies are mounted ("/sys/fs/cgroup", or a fake tree in tests); slot: name of
 * this instance's directory, leftovers of a dead owner below it are removed first.
 * v2 enables controllers on the way down. Fails with -ENOTSUP naming the controllers that are missing
 * when memory, pids or cpu accounting cannot be had.
 */
int cgroup_root_open(struct cgroup_root *root, const char *base, const char *slot, struct err *err);
/* Removes everything made below the slot; waits up to a second for it to be empty. */
void cgroup_root_close(struct cgroup_root *root);

/* Moves a process (pid, or 0 for the caller) into SLOT/ctl, beside the leaves. */
int cgroup_join_control(struct cgroup_root *root, pid_t pid, struct err *err);

int cgroup_leaf_open(struct cgroup_root *root, unsigned lane, struct cgroup_leaf *ret, struct err *err);
void cgroup_leaf_close(struct cgroup_leaf *leaf); /* removes it */

/* Before each box: limits set (written only where they changed), peak reset, counters based. */
int cgroup_leaf_prepare(struct cgroup_leaf *leaf, const struct cgroup_limits *l, struct err *err);
/* cpu usage only: the hot path of the cpu limit. */
int cgroup_leaf_cpu_usec(const struct cgroup_leaf *leaf, uint64_t *ret);
/* Facts after the end. charged_bytes and pids are not read. */
int cgroup_leaf_read(const struct cgroup_leaf *leaf, struct cgroup_reading *ret, struct err *err);
/* Off the critical path: pids and charged_bytes. 0 clean, 1 not yet, negative errno. */
int cgroup_leaf_check_clean(const struct cgroup_leaf *leaf, struct cgroup_reading *ret, struct err *err);
/* Kills every task in the leaf (v2 cgroup.kill; v1 by listing). Only for leftovers. */
int cgroup_leaf_kill(const struct cgroup_leaf *leaf);

/* Parsers of what usage_fd and memory_fd give; no malloc, no stdio: used inside the box before exec. */
uint64_t cgroup_parse_cpu_usec(int version, const char *text);

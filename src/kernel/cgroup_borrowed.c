/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's own cgroup, which we cannot write: one lane, whose facts are the differences of its counters.
 *
 * - cpu time is exact but for our own, which is in it: a little more than the program's is told, never less.
 * - Memory is what only its owner can give back, all but the pages of files (by their own count: the list of inactive
 *   file pages holds a program's own as well, once it has called MADV_FREE): looked at every few milliseconds
 *   (cgroup_leaf_watch()) and compared with the level before the box plus its limit.  What came and went between two
 *   looks is found at the end if the container never held as much before.  Behind
 *   that stands the container's limit.  A box for whose limit the container has no room is not begun: the kernel's
 *   kill would not be the box's own fault.
 * - Processes are bounded by RLIMIT_NPROC in the box's own user namespace (since Linux 5.14, before which it counts a
 *   user's processes on the whole host).  That counts no refusals; so "all in use" is what is told.
 * - Nothing bounds bandwidth of cpu and disk.
 *
 * Two instances would be in each other's facts: a lock on the memory group's directory keeps them apart.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/cgroup_ops.h"
#include "kernel/cgroup_place.h"

#define LOCK_TRIES 1000 /* of 10 ms */

static const struct cgroup_file_spec v1_specs[FILE_COUNT] = {
	[FILE_CPU_USAGE] = { "cpuacct.usage", CGROUP_CPUACCT, O_RDONLY, true },
	[FILE_MEMORY_NOW] = { "memory.usage_in_bytes", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_LIMIT] = { "memory.limit_in_bytes", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_PEAK] = { "memory.max_usage_in_bytes", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_EVENTS] = { "memory.oom_control", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_STAT] = { "memory.stat", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_PIDS_NOW] = { "pids.current", CGROUP_PIDS, O_RDONLY, true },
	[FILE_PIDS_MAX] = { "pids.max", CGROUP_PIDS, O_RDONLY, true },
	[FILE_PIDS_EVENTS] = { "pids.events", CGROUP_PIDS, O_RDONLY, true },
};

static const struct cgroup_file_spec v2_specs[FILE_COUNT] = {
	[FILE_CPU_USAGE] = { "cpu.stat", CGROUP_CPUACCT, O_RDONLY, true },
	[FILE_MEMORY_NOW] = { "memory.current", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_LIMIT] = { "memory.max", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_PEAK] = { "memory.peak", CGROUP_MEMORY, O_RDONLY, false }, /* since 5.19 */
	[FILE_MEMORY_EVENTS] = { "memory.events", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_STAT] = { "memory.stat", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_PIDS_NOW] = { "pids.current", CGROUP_PIDS, O_RDONLY, true },
	[FILE_PIDS_MAX] = { "pids.max", CGROUP_PIDS, O_RDONLY, true },
	[FILE_PIDS_EVENTS] = { "pids.events", CGROUP_PIDS, O_RDONLY, true },
};

/* ---- numbers ---- */

int cgroup_borrowed_level(const struct cgroup_leaf *leaf, uint64_t *ret)
{
	/* v1 counts what is below as well by these names; both count shared memory as a file's. */
	static const char *const file[2] = { "total_cache", "file" };
	static const char *const shared[2] = { "total_shmem", "shmem" };
	const int i = leaf->root->version - 1;
	uint64_t cache, shmem, swap = 0;
	char text[8192];
	int r = cgroup_file_read_u64(leaf, FILE_MEMORY_NOW, ret, NULL);

	if (r == 0)
		r = cgroup_file_read(leaf, FILE_MEMORY_STAT, text, sizeof(text), NULL);
	if (r < 0)
		return r;
	if (!cgroup_key_u64(text, file[i], &cache) || !cgroup_key_u64(text, shared[i], &shmem))
		return -EBADMSG;
	cache -= shmem < cache ? shmem : cache;
	*ret -= cache < *ret ? cache : *ret;
	if (leaf->root->version == 1)
		cgroup_key_u64(text, "total_swap", &swap);
	else
		fd_read_u64_at(leaf->dirfds[0], "memory.swap.current", &swap);
	*ret += swap;
	return 0;
}

static int counters(const struct cgroup_leaf *leaf, struct cgroup_counters *ret, struct err *err)
{
	int r = cgroup_file_read_key(leaf, FILE_MEMORY_EVENTS, "oom_kill", &ret->oom_kills, err);

	return r < 0 ? r
		     : cgroup_file_read_key(leaf, FILE_PIDS_EVENTS, "max", &ret->pids_events, err);
}

/* The most that the container ever held, cached files and all; 0 where the kernel does not tell. */
static uint64_t usage_peak(const struct cgroup_leaf *leaf)
{
	uint64_t v = 0;

	if (leaf->files[FILE_MEMORY_PEAK] >= 0)
		cgroup_file_read_u64(leaf, FILE_MEMORY_PEAK, &v, NULL);
	return v;
}

/*
 * A spike between two looks: the container's own peak has risen.  What of it were files is not more than now, unless some
 * of them were dropped; then the spike is taken for less than it was, never for more.
 */
static void find_spike(const struct cgroup_leaf *leaf, uint64_t *peak)
{
	uint64_t highest = usage_peak(leaf), usage, level;

	if (highest <= leaf->usage_peak_bytes ||
	    cgroup_file_read_u64(leaf, FILE_MEMORY_NOW, &usage, NULL) < 0 ||
	    cgroup_borrowed_level(leaf, &level) < 0 || level > usage)
		return;
	highest -= usage - level < highest ? usage - level : highest;
	if (highest > *peak)
		*peak = highest;
}

/* UINT64_MAX: "max". */
static uint64_t ceiling(const struct cgroup_leaf *leaf, enum cgroup_file f)
{
	uint64_t v;

	return cgroup_file_read_u64(leaf, f, &v, NULL) < 0 ? UINT64_MAX : v;
}

/* ---- a box ---- */

int cgroup_leaf_mark(struct cgroup_leaf *leaf, uint64_t waiting)
{
	int r;

	if (!leaf->root->borrowed)
		return 0;
	r = cgroup_file_read_u64(leaf, FILE_PIDS_NOW, &leaf->tasks_base, NULL);
	leaf->tasks_base -= waiting < leaf->tasks_base ? waiting : leaf->tasks_base;
	return r;
}

/* The limit in l is the level before the box and what it may have; its init is among the tasks of before. */
static int check_room(const struct cgroup_leaf *leaf, const struct cgroup_limits *l,
		      struct err *err)
{
	uint64_t memory = ceiling(leaf, FILE_MEMORY_LIMIT), pids = ceiling(leaf, FILE_PIDS_MAX);

	if (l->memory_bytes > memory)
		return err_set(err, ENOMEM,
			       "cgroup: the container has no room for the memory limit");
	if (pids != UINT64_MAX && leaf->tasks_base + l->pids - 1 > pids)
		return err_set(err, EAGAIN, "cgroup: the container has no room for the processes");
	return 0;
}

int cgroup_borrowed_begin(struct cgroup_leaf *leaf, const struct cgroup_limits *l, bool empty,
			  struct err *err)
{
	struct cgroup_counters now;
	int r = empty ? 0 : check_room(leaf, l, err);

	/* A box that is not begun cannot have exceeded anything, whatever others hold. */
	leaf->level_max_bytes = UINT64_MAX;
	if (r == 0)
		r = cgroup_borrowed_level(leaf, &leaf->level_base_bytes);
	if (r == 0)
		r = counters(leaf, &now, err);
	if (r < 0)
		return r;
	leaf->limits = *l;
	if (!empty)
		leaf->level_max_bytes = l->memory_bytes;
	leaf->level_peak_bytes = leaf->level_base_bytes;
	leaf->usage_peak_bytes = usage_peak(leaf);
	leaf->tasks_peak = 0;
	leaf->oom_base = now.oom_kills;
	leaf->pids_base = now.pids_events;
	return 0;
}

int cgroup_leaf_watch(struct cgroup_leaf *leaf)
{
	uint64_t level, tasks;
	int r;

	if (!leaf->root->borrowed)
		return 0;
	r = cgroup_borrowed_level(leaf, &level);
	if (r == 0)
		r = cgroup_file_read_u64(leaf, FILE_PIDS_NOW, &tasks, NULL);
	if (r < 0)
		return r;
	if (level > leaf->level_peak_bytes)
		leaf->level_peak_bytes = level;
	if (tasks > leaf->tasks_base && tasks - leaf->tasks_base > leaf->tasks_peak)
		leaf->tasks_peak = tasks - leaf->tasks_base;
	return level > leaf->level_max_bytes;
}

int cgroup_leaf_ran_out(const struct cgroup_leaf *leaf)
{
	uint64_t kills;
	int r = cgroup_file_read_key(leaf, FILE_MEMORY_EVENTS, "oom_kill", &kills, NULL);

	return r < 0 ? r : kills > leaf->oom_base;
}

int cgroup_borrowed_read(const struct cgroup_leaf *leaf, struct cgroup_reading *ret,
			 struct err *err)
{
	struct cgroup_reading now = { .memory_peak_bytes = leaf->level_peak_bytes };
	struct cgroup_counters c;
	int r = cgroup_leaf_cpu_usec(leaf, &now.cpu_usec);

	if (r < 0)
		return err_set(err, r, "cgroup: cpu usage");
	r = counters(leaf, &c, err);
	if (r < 0)
		return r;
	if (c.oom_kills < leaf->oom_base || c.pids_events < leaf->pids_base)
		return err_set(err, EBADMSG, "cgroup: a counter of events fell");
	find_spike(leaf, &now.memory_peak_bytes);
	now.oom_kills = c.oom_kills - leaf->oom_base;
	/* Seen too late to be killed for it. */
	now.oom_kills += now.memory_peak_bytes > leaf->level_max_bytes;
	now.pids_events = c.pids_events - leaf->pids_base;
	/* limits.pids has our init counted in, which is not among the program's tasks */
	now.pids_events += leaf->tasks_peak + 1 >= leaf->limits.pids;
	*ret = now;
	return 0;
}

/* ---- the root ---- */

static int leaf_open(struct cgroup_leaf *leaf, struct err *err)
{
	(void)leaf;
	(void)err;
	return 0;
}

static void leaf_close(struct cgroup_leaf *leaf)
{
	(void)leaf;
}

static const struct cgroup_ops v1_ops = { .specs = v1_specs,
					  .leaf_open = leaf_open,
					  .leaf_close = leaf_close };
static const struct cgroup_ops v2_ops = { .specs = v2_specs,
					  .leaf_open = leaf_open,
					  .leaf_close = leaf_close };

static int check_kernel(struct err *err)
{
	unsigned major = 0, minor = 0;
	struct utsname u;

	if (uname(&u) == 0 && sscanf(u.release, "%u.%u", &major, &minor) == 2 &&
	    (major > 5 || (major == 5 && minor >= 14)))
		return 0;
	return err_set(
		err, ENOTSUP,
		"cgroup: only since Linux 5.14 are a box's processes counted apart; before, a "
		"cgroup of our own is needed");
}

static int lock(int fd, struct err *err)
{
	for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (errno != EWOULDBLOCK)
			return err_set(err, errno, "cgroup: locking the container's group");
		if (tries >= LOCK_TRIES)
			return err_set(err, EBUSY,
				       "cgroup: another instance makes boxes in this container");
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return 0;
}

int cgroup_root_borrow(struct cgroup_root *root, const struct cgroup_place *place, struct err *err)
{
	memset(root, 0, sizeof(*root));
	root->borrowed = true;
	root->version = place->version;
	root->ops = place->version == 2 ? &v2_ops : &v1_ops;
	root->memory_swap = true; /* else it would not have been found */
	root->present = 1u << CGROUP_MEMORY | 1u << CGROUP_PIDS | 1u << CGROUP_CPUACCT;
	strcpy(root->slot, "borrowed");
	for (int c = 0; c < CGROUP_CONTROLLERS; c++)
		root->dirfds[c] = -1;
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		if (!place->dirs[c][0])
			continue;
		root->dirfds[c] = open(place->dirs[c], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (root->dirfds[c] < 0)
			return err_set(err, errno, "cgroup: %s", place->dirs[c]);
	}
	if (check_kernel(err) < 0)
		return err->code;
	return lock(root->dirfds[CGROUP_MEMORY], err);
}

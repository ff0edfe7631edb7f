/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup v2: one hierarchy, BASE/kodewar/SLOT/{ctl,laneN}; all limits are laneN's.
 *
 * - Controllers are enabled on the way down.  Only the kernel's root may hold processes and give
 *   controllers to its children; in a container its own processes are in the way, and the one we may
 *   move is ourselves.
 * - memory.peak can be reset since 6.12, for the descriptor that is written to and no other: that one is kept and
 *   read.  Before, a peak lasts as long as its group: boxes then run in laneN/gM, which has
 *   nothing but a memory count and is replaced after each of them, when the lane is settled, off the critical
 *   path.  Limits, counters of events and cpu time are still laneN's, which sums its children, so nothing
 *   has to be set again.
 * - memory.oom.group on laneN: a kill takes the whole box, in laneN/gM as well.  The kernel counts its first
 *   victim twice then: only whether oom_kill rose means something.
 * - pids.events counts, until 6.10, forks refused in this very group whoever's limit it was, since then
 *   those refused by this group's limit.  gM has no pids controller, so its tasks count as laneN's.
 * - memory.swap.max is missing without swap accounting; that is fine on a host without swap only.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/cgroup_ops.h"

static const struct cgroup_file_spec specs[FILE_COUNT] = {
	[FILE_CPU_USAGE] = { "cpu.stat", CGROUP_CPUACCT, O_RDONLY, true },
	[FILE_CPU_QUOTA] = { "cpu.max", CGROUP_CPU, O_WRONLY, true },
	[FILE_MEMORY_NOW] = { "memory.current", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_LIMIT] = { "memory.max", CGROUP_MEMORY, O_WRONLY, true },
	[FILE_MEMORY_SWAP] = { "memory.swap.max", CGROUP_MEMORY, O_WRONLY, false },
	[FILE_MEMORY_PEAK] = { "memory.peak", CGROUP_MEMORY, O_RDONLY, false }, /* since 5.19 */
	[FILE_MEMORY_EVENTS] = { "memory.events", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_STAT] = { "memory.stat", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_PIDS_NOW] = { "pids.current", CGROUP_PIDS, O_RDONLY, true },
	[FILE_PIDS_MAX] = { "pids.max", CGROUP_PIDS, O_WRONLY, true },
	[FILE_PIDS_EVENTS] = { "pids.events", CGROUP_PIDS, O_RDONLY, true },
	[FILE_IO_READ] = { "io.max", CGROUP_IO, O_WRONLY, true },
};

static const struct {
	const char *enable; /* NULL: needs no controller */
	enum cgroup_file probe;
} controllers[CGROUP_CONTROLLERS] = {
	[CGROUP_MEMORY] = { "+memory", FILE_MEMORY_LIMIT },
	[CGROUP_PIDS] = { "+pids", FILE_PIDS_MAX },
	[CGROUP_CPU] = { "+cpu", FILE_CPU_QUOTA },
	[CGROUP_CPUACCT] = { NULL, FILE_CPU_USAGE },
	[CGROUP_IO] = { "+io", FILE_IO_READ },
};

/* Whether a word is in the one line of cgroup.controllers or cgroup.subtree_control. */
static bool lists(int dirfd, const char *file, const char *word)
{
	char text[512];
	char *rest = text, *name;

	if (fd_read_text_at(dirfd, file, text, sizeof(text)) <= 0)
		return false;
	while ((name = strsep(&rest, " \n")))
		if (strcmp(name, word) == 0)
			return true;
	return false;
}

/* 0 also when the controller is not to be had here: the probe at the end tells. */
static int enable(int dirfd, const char *plus_name)
{
	if (lists(dirfd, "cgroup.subtree_control", plus_name + 1) ||
	    !lists(dirfd, "cgroup.controllers", plus_name + 1))
		return 0;
	return fd_write_text_at(dirfd, "cgroup.subtree_control", plus_name);
}

static int enable_all(int dirfd, const char *where, int slot, struct err *err)
{
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		int r;

		if (!controllers[c].enable)
			continue;
		r = enable(dirfd, controllers[c].enable);
		if (r == -EBUSY &&
		    fd_write_text_at(slot, CGROUP_CONTROL_DIR "/cgroup.procs", "0") == 0)
			r = enable(dirfd, controllers[c].enable);
		if (r == -EBUSY)
			return err_set(
				err, r,
				"cgroup: %s holds other processes, controllers cannot be enabled",
				where);
		if (r < 0 && (c == CGROUP_MEMORY || c == CGROUP_PIDS))
			return err_set(err, r, "cgroup: %s: enabling %s", where,
				       cgroup_controller_names[c]);
	}
	return 0;
}

static int v2_root_open(struct cgroup_root *root, int basefd, struct err *err)
{
	_cleanup_close_ int slot = cgroup_slot_make(basefd, root->slot, true, err);
	_cleanup_close_ int parent = -1, control = -1;
	int r;

	if (slot < 0)
		return slot;
	root->dirfds[0] = TAKE_FD(slot);
	parent = openat(root->dirfds[0], "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return err_set(err, errno, "cgroup: parent of the slot");
	control = cgroup_dir_make(root->dirfds[0], CGROUP_CONTROL_DIR, err);
	if (control < 0)
		return control;
	r = enable_all(basefd, "the top", root->dirfds[0], err);
	if (r == 0)
		r = enable_all(parent, "our parent", root->dirfds[0], err);
	if (r == 0)
		r = enable_all(root->dirfds[0], "the slot", root->dirfds[0], err);
	if (r < 0)
		return r;
	for (int c = 0; c < CGROUP_CONTROLLERS; c++)
		if (faccessat(control, specs[controllers[c].probe].name, F_OK, 0) == 0)
			root->present |= 1u << c;
	root->memory_swap = faccessat(control, specs[FILE_MEMORY_SWAP].name, F_OK, 0) == 0 ||
			    !cgroup_host_has_swap();
	return 0;
}

/* --- a lane's child of one box, where the peak cannot be reset --------------------------------------- */

static void child_name(const struct cgroup_leaf *leaf, char *name, size_t size)
{
	snprintf(name, size, "g%u", leaf->generation);
}

static void child_close(struct cgroup_leaf *leaf)
{
	closep(&leaf->join_fds[0]);
	closep(&leaf->files[FILE_MEMORY_NOW]);
	closep(&leaf->files[FILE_MEMORY_PEAK]);
	leaf->join_fds[0] = leaf->files[FILE_MEMORY_NOW] = leaf->files[FILE_MEMORY_PEAK] = -1;
	leaf->memory_fd = -1;
}

static int child_make(struct cgroup_leaf *leaf, struct err *err)
{
	char name[24];
	int fd;

	leaf->generation++;
	child_name(leaf, name, sizeof(name));
	fd = cgroup_dir_fresh(leaf->dirfds[0], name, err);
	if (fd < 0)
		return fd;
	child_close(leaf);
	leaf->join_fds[0] = fd;
	leaf->files[FILE_MEMORY_NOW] = cgroup_file_open(fd, &specs[FILE_MEMORY_NOW], err);
	if (leaf->files[FILE_MEMORY_NOW] < 0)
		return leaf->files[FILE_MEMORY_NOW];
	leaf->files[FILE_MEMORY_PEAK] = cgroup_file_open(fd, &specs[FILE_MEMORY_PEAK], err);
	if (leaf->files[FILE_MEMORY_PEAK] < 0)
		return leaf->files[FILE_MEMORY_PEAK];
	leaf->memory_fd = leaf->files[FILE_MEMORY_NOW];
	leaf->used = false;
	return 0;
}

/* The old child is empty: it goes, and the next box's is made. */
static int v2_settle(struct cgroup_leaf *leaf, struct err *err)
{
	char name[24];

	if (leaf->generation == 0 || !leaf->used)
		return 0;
	child_name(leaf, name, sizeof(name));
	if (unlinkat(leaf->dirfds[0], name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_set(err, errno, "cgroup: removing %s", name);
	return child_make(leaf, err);
}

/* --- a leaf ------------------------------------------------------------------------------------- */

static bool try_reset(struct cgroup_leaf *leaf)
{
	_cleanup_close_ int fd = openat(leaf->dirfds[0], "memory.peak", O_RDWR | O_CLOEXEC);

	if (fd < 0 || pwrite(fd, "reset", 5, 0) != 5)
		return false;
	close(leaf->files[FILE_MEMORY_PEAK]);
	leaf->files[FILE_MEMORY_PEAK] = TAKE_FD(fd);
	return true;
}

static int v2_leaf_open(struct cgroup_leaf *leaf, struct err *err)
{
	int r = fd_write_text_at(leaf->dirfds[0], "memory.oom.group", "1");

	if (r < 0)
		return err_set(err, r, "cgroup: memory.oom.group");
	if (leaf->files[FILE_MEMORY_SWAP] >= 0) {
		r = cgroup_file_write(leaf, FILE_MEMORY_SWAP, "0", err);
		if (r < 0)
			return r;
	}
	leaf->njoin = 1;
	if (leaf->files[FILE_MEMORY_PEAK] >= 0)
		leaf->peak_resettable = try_reset(leaf);
	if (leaf->files[FILE_MEMORY_PEAK] >= 0 && !leaf->peak_resettable) {
		r = fd_write_text_at(leaf->dirfds[0], "cgroup.subtree_control", "+memory");
		return r < 0 ? err_set(err, r, "cgroup: enabling memory in a lane")
			     : child_make(leaf, err);
	}
	leaf->join_fds[0] = openat(leaf->dirfds[0], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return leaf->join_fds[0] >= 0 ? 0 : err_set(err, errno, "cgroup: opening a lane");
}

static void v2_leaf_close(struct cgroup_leaf *leaf)
{
	char name[24];

	if (leaf->generation == 0)
		return;
	child_name(leaf, name, sizeof(name));
	cgroup_dir_remove(leaf->dirfds[0], name);
}

static int v2_set_memory(struct cgroup_leaf *leaf, uint64_t bytes, struct err *err)
{
	return cgroup_file_write_u64(leaf, FILE_MEMORY_LIMIT, bytes, err);
}

static int v2_set_cpu(struct cgroup_leaf *leaf, unsigned cpus_milli, struct err *err)
{
	struct cgroup_bandwidth b = cgroup_bandwidth(cpus_milli);
	char text[32];

	if (cpus_milli == 0)
		return cgroup_file_write(leaf, FILE_CPU_QUOTA, "max", err);
	snprintf(text, sizeof(text), "%u %u", b.quota_usec, b.period_usec);
	return cgroup_file_write(leaf, FILE_CPU_QUOTA, text, err);
}

static int throttle(struct cgroup_leaf *leaf, const struct cgroup_limits *l, uint64_t rate,
		    struct err *err)
{
	unsigned long long bps = rate;
	char text[96];

	if (l->io_major == 0 && l->io_minor == 0)
		return 0;
	if (bps == 0)
		snprintf(text, sizeof(text), "%u:%u rbps=max wbps=max", l->io_major, l->io_minor);
	else
		snprintf(text, sizeof(text), "%u:%u rbps=%llu wbps=%llu", l->io_major, l->io_minor,
			 bps, bps);
	return cgroup_file_write(leaf, FILE_IO_READ, text, err);
}

static int v2_set_io(struct cgroup_leaf *leaf, const struct cgroup_limits *l, struct err *err)
{
	const struct cgroup_limits *old = &leaf->limits;
	bool moved = old->io_major != l->io_major || old->io_minor != l->io_minor;
	int r = moved ? throttle(leaf, old, 0, err) : 0;

	return r < 0 ? r : throttle(leaf, l, l->io_bytes_per_sec, err);
}

static int v2_reset_peak(struct cgroup_leaf *leaf, struct err *err)
{
	if (leaf->peak_resettable)
		return cgroup_file_write(leaf, FILE_MEMORY_PEAK, "reset", err);
	return v2_settle(leaf,
			 err); /* nothing to do when the lane was settled after the last box */
}

static int v2_counters(const struct cgroup_leaf *leaf, struct cgroup_counters *ret, struct err *err)
{
	int r = cgroup_file_read_key(leaf, FILE_MEMORY_EVENTS, "oom_kill", &ret->oom_kills, err);

	return r < 0 ? r
		     : cgroup_file_read_key(leaf, FILE_PIDS_EVENTS, "max", &ret->pids_events, err);
}

static int v2_charged(const struct cgroup_leaf *leaf, uint64_t *ret, struct err *err)
{
	char text[8192];
	uint64_t v;
	int r = cgroup_file_read(leaf, FILE_MEMORY_STAT, text, sizeof(text), err);

	if (r < 0)
		return r;
	if (!cgroup_key_u64(text, "anon", ret) || !cgroup_key_u64(text, "shmem", &v))
		return err_set(err, EBADMSG, "cgroup: memory.stat has no line anon or shmem");
	*ret += v;
	if (cgroup_key_u64(text, "swapcached", &v))
		*ret += v;
	if (fd_read_u64_at(leaf->dirfds[0], "memory.swap.current", &v) == 0)
		*ret += v;
	return 0;
}

const struct cgroup_ops cgroup_v2_ops = {
	.specs = specs,
	.root_open = v2_root_open,
	.leaf_open = v2_leaf_open,
	.leaf_close = v2_leaf_close,
	.set_memory = v2_set_memory,
	.set_cpu = v2_set_cpu,
	.set_io = v2_set_io,
	.reset_peak = v2_reset_peak,
	.counters = v2_counters,
	.charged = v2_charged,
	.settle = v2_settle,
};

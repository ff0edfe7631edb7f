/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup v1: a hierarchy per controller, SLOT in each of them; co-mounted ones (cpu,cpuacct) are one.
 *
 * Traps, each met on a real kernel:
 * - memory.failcnt may stay 0 after a kill; memory.oom_control's oom_kill line counts kills.
 * - memory+swap may never be below memory: raised first, lowered last, and where the present values
 *   are not known, lifted before both.  Without memsw the leaf's swappiness is 0, which is not a
 *   promise, so memory_swap stays false on a host that swaps.
 * - Joining by cgroup.procs takes a lock of the whole machine, seen to wait for 26 ms; `tasks` with "0"
 *   does not (0.03 ms for five hierarchies).
 * - A quota is checked against the period in force, so the quota is lifted while the period changes.
 * - blkio bounds reads and direct writes; written-back pages are charged to the kernel's own threads.
 * - An out-of-memory kill takes one task, never the group, and there is no cgroup.kill: the warden
 *   kills init, and oom_fd tells it when.  Left alone, what survives may reclaim in vain for seconds of cpu.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/cgroup_ops.h"

static const struct cgroup_file_spec specs[FILE_COUNT] = {
	[FILE_CPU_USAGE] = { "cpuacct.usage", CGROUP_CPUACCT, O_RDONLY, true },
	[FILE_CPU_PERIOD] = { "cpu.cfs_period_us", CGROUP_CPU, O_WRONLY, true },
	[FILE_CPU_QUOTA] = { "cpu.cfs_quota_us", CGROUP_CPU, O_WRONLY, true },
	[FILE_CPU_STAT] = { "cpu.stat", CGROUP_CPU, O_RDONLY, false },
	[FILE_MEMORY_NOW] = { "memory.usage_in_bytes", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_LIMIT] = { "memory.limit_in_bytes", CGROUP_MEMORY, O_WRONLY, true },
	[FILE_MEMORY_SWAP] = { "memory.memsw.limit_in_bytes", CGROUP_MEMORY, O_WRONLY, false },
	[FILE_MEMORY_PEAK] = { "memory.max_usage_in_bytes", CGROUP_MEMORY, O_RDWR, true },
	[FILE_MEMORY_EVENTS] = { "memory.oom_control", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_MEMORY_STAT] = { "memory.stat", CGROUP_MEMORY, O_RDONLY, true },
	[FILE_PIDS_NOW] = { "pids.current", CGROUP_PIDS, O_RDONLY, true },
	[FILE_PIDS_MAX] = { "pids.max", CGROUP_PIDS, O_WRONLY, true },
	[FILE_PIDS_EVENTS] = { "pids.events", CGROUP_PIDS, O_RDONLY, true },
	[FILE_IO_READ] = { "blkio.throttle.read_bps_device", CGROUP_IO, O_WRONLY, true },
	[FILE_IO_WRITE] = { "blkio.throttle.write_bps_device", CGROUP_IO, O_WRONLY, true },
};

/* What shows that a mounted hierarchy can do what is wanted of it. */
static const enum cgroup_file probes[CGROUP_CONTROLLERS] = {
	[CGROUP_MEMORY] = FILE_MEMORY_LIMIT, [CGROUP_PIDS] = FILE_PIDS_MAX,
	[CGROUP_CPU] = FILE_CPU_QUOTA,	     [CGROUP_CPUACCT] = FILE_CPU_USAGE,
	[CGROUP_IO] = FILE_IO_READ,
};

/* Mount points; hosts without the short names have the joint one. */
static const char *const mounts[CGROUP_CONTROLLERS][3] = {
	[CGROUP_MEMORY] = { "memory" },
	[CGROUP_PIDS] = { "pids" },
	[CGROUP_CPU] = { "cpu", "cpu,cpuacct", "cpuacct,cpu" },
	[CGROUP_CPUACCT] = { "cpuacct", "cpu,cpuacct", "cpuacct,cpu" },
	[CGROUP_IO] = { "blkio" },
};

const char *cgroup_v1_mount(int basefd, int controller)
{
	for (int i = 0; i < 3 && mounts[controller][i]; i++) {
		_cleanup_close_ int fd =
			openat(basefd, mounts[controller][i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		/* An empty directory where nothing is mounted is no hierarchy. */
		if (fd >= 0 && faccessat(fd, "cgroup.procs", F_OK, 0) == 0)
			return mounts[controller][i];
	}
	return NULL;
}

static int open_mount(int basefd, int controller)
{
	const char *name = cgroup_v1_mount(basefd, controller);

	return name ? openat(basefd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

static int v1_root_open(struct cgroup_root *root, int basefd, struct err *err)
{
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		_cleanup_close_ int top = open_mount(basefd, c);
		_cleanup_close_ int slot = -1;

		if (top < 0)
			continue;
		slot = cgroup_slot_make(top, root->slot, c == CGROUP_MEMORY, err);
		if (slot < 0) {
			err_wrap(err, "%s", cgroup_controller_names[c]);
			return slot;
		}
		if (faccessat(slot, specs[probes[c]].name, F_OK, 0) == 0)
			root->present |= 1u << c;
		root->dirfds[c] = TAKE_FD(slot);
	}
	if (root->dirfds[CGROUP_MEMORY] >= 0)
		root->memory_swap = faccessat(root->dirfds[CGROUP_MEMORY],
					      specs[FILE_MEMORY_SWAP].name, F_OK, 0) == 0 ||
				    !cgroup_host_has_swap();
	return 0;
}

/* One eventfd that the kernel raises at every out-of-memory; without it a kill is seen when the box ends, or is to be. */
static void watch_oom(struct cgroup_leaf *leaf)
{
	_cleanup_close_ int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char text[32];

	snprintf(text, sizeof(text), "%d %d", fd, leaf->files[FILE_MEMORY_EVENTS]);
	if (fd < 0 ||
	    fd_write_text_at(leaf->dirfds[CGROUP_MEMORY], "cgroup.event_control", text) < 0)
		return;
	leaf->oom_fd = TAKE_FD(fd);
}

static int v1_leaf_open(struct cgroup_leaf *leaf, struct err *err)
{
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		int fd;

		if (leaf->dirfds[c] < 0 || cgroup_twin(leaf->dirfds, c) >= 0)
			continue;
		fd = openat(leaf->dirfds[c], "tasks", O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return err_set(err, errno, "cgroup: %s tasks", cgroup_controller_names[c]);
		leaf->join_fds[leaf->njoin++] = fd;
	}
	if (leaf->files[FILE_MEMORY_SWAP] < 0 && cgroup_host_has_swap()) {
		int r = fd_write_text_at(leaf->dirfds[CGROUP_MEMORY], "memory.swappiness", "0");

		if (r < 0)
			return err_set(err, r, "cgroup: memory.swappiness");
	}
	leaf->peak_resettable = true;
	watch_oom(leaf);
	return 0;
}

static void v1_leaf_close(struct cgroup_leaf *leaf)
{
	closep(&leaf->oom_fd);
	leaf->oom_fd = -1;
}

static int v1_set_memory(struct cgroup_leaf *leaf, uint64_t bytes, struct err *err)
{
	bool swap = leaf->files[FILE_MEMORY_SWAP] >= 0;
	bool raise = leaf->limits_known && bytes > leaf->limits.memory_bytes;
	int r = 0;

	if (swap && raise)
		r = cgroup_file_write_u64(leaf, FILE_MEMORY_SWAP, bytes, err);
	else if (swap && !leaf->limits_known)
		r = cgroup_file_write(leaf, FILE_MEMORY_SWAP, "-1", err);
	if (r == 0)
		r = cgroup_file_write_u64(leaf, FILE_MEMORY_LIMIT, bytes, err);
	if (r == 0 && swap && !raise)
		r = cgroup_file_write_u64(leaf, FILE_MEMORY_SWAP, bytes, err);
	return r;
}

static int v1_set_cpu(struct cgroup_leaf *leaf, unsigned cpus_milli, struct err *err)
{
	struct cgroup_bandwidth b = cgroup_bandwidth(cpus_milli);
	bool same_period = leaf->limits_known && leaf->limits.cpus_milli > 0 &&
			   cgroup_bandwidth(leaf->limits.cpus_milli).period_usec == b.period_usec;
	int r = 0;

	if (cpus_milli == 0)
		return cgroup_file_write(leaf, FILE_CPU_QUOTA, "-1", err);
	if (!same_period) {
		r = cgroup_file_write(leaf, FILE_CPU_QUOTA, "-1", err);
		if (r == 0)
			r = cgroup_file_write_u64(leaf, FILE_CPU_PERIOD, b.period_usec, err);
	}
	return r < 0 ? r : cgroup_file_write_u64(leaf, FILE_CPU_QUOTA, b.quota_usec, err);
}

static int throttle(struct cgroup_leaf *leaf, const struct cgroup_limits *l, uint64_t rate,
		    struct err *err)
{
	char text[64];
	int r;

	if (l->io_major == 0 && l->io_minor == 0)
		return 0;
	snprintf(text, sizeof(text), "%u:%u %llu", l->io_major, l->io_minor,
		 (unsigned long long)rate);
	r = cgroup_file_write(leaf, FILE_IO_READ, text, err);
	return r < 0 ? r : cgroup_file_write(leaf, FILE_IO_WRITE, text, err);
}

static int v1_set_io(struct cgroup_leaf *leaf, const struct cgroup_limits *l, struct err *err)
{
	const struct cgroup_limits *old = &leaf->limits;
	bool moved = old->io_major != l->io_major || old->io_minor != l->io_minor;
	int r = moved ? throttle(leaf, old, 0, err) : 0; /* 0 lifts */

	return r < 0 ? r : throttle(leaf, l, l->io_bytes_per_sec, err);
}

static int v1_reset_peak(struct cgroup_leaf *leaf, struct err *err)
{
	uint64_t events;

	/* What rang for an earlier box must not end this one. */
	if (leaf->oom_fd >= 0 && read(leaf->oom_fd, &events, sizeof(events)) < 0 && errno != EAGAIN)
		return err_set(err, errno, "cgroup: oom event");
	return cgroup_file_write(leaf, FILE_MEMORY_PEAK, "0", err);
}

static int v1_counters(const struct cgroup_leaf *leaf, struct cgroup_counters *ret, struct err *err)
{
	int r = cgroup_file_read_key(leaf, FILE_MEMORY_EVENTS, "oom_kill", &ret->oom_kills, err);

	return r < 0 ? r
		     : cgroup_file_read_key(leaf, FILE_PIDS_EVENTS, "max", &ret->pids_events, err);
}

/* total_: nobody can make a group below a leaf, but if somebody could, it would not hide there. */
static int v1_charged(const struct cgroup_leaf *leaf, uint64_t *ret, struct err *err)
{
	static const char *const optional[] = { "total_shmem", "total_swap" };
	char text[8192];
	uint64_t v;
	int r = cgroup_file_read(leaf, FILE_MEMORY_STAT, text, sizeof(text), err);

	if (r < 0)
		return r;
	if (!cgroup_key_u64(text, "total_rss", ret))
		return err_set(err, EBADMSG, "cgroup: memory.stat has no line total_rss");
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++)
		if (cgroup_key_u64(text, optional[i], &v))
			*ret += v;
	return 0;
}

static int v1_settle(struct cgroup_leaf *leaf, struct err *err)
{
	return 0;
}

const struct cgroup_ops cgroup_v1_ops = {
	.specs = specs,
	.root_open = v1_root_open,
	.leaf_open = v1_leaf_open,
	.leaf_close = v1_leaf_close,
	.set_memory = v1_set_memory,
	.set_cpu = v1_set_cpu,
	.set_io = v1_set_io,
	.reset_peak = v1_reset_peak,
	.counters = v1_counters,
	.charged = v1_charged,
	.settle = v1_settle,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup hierarchy made of plain files, with as much of the kernel's behaviour as the drivers lean on:
 * a new directory is born with its control files, an occupied one cannot be removed, memory+swap is never
 * below memory, controllers cannot be given out by a group that holds processes.  It works by
 * defining mkdirat, unlinkat, write and pwrite, which come before libc's; outside of the tree they
 * are the system calls.  Included by the test programs test_cgroup.c
 * and test_cgroup_slot.c, after cmocka.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/cgroup.h"

#define FAKE_PATH 512

static struct {
	char base[64];
	bool no_memsw, no_memory, no_pids, no_io, no_oom_group; /* what this kernel lacks */
	bool old_peak, no_peak; /* v2: memory.peak cannot be reset */
	int busy_removals;	/* that many rmdirs fail with EBUSY */
	const char *fail_file;	/* one write to it fails ... */
	int fail_errno;
	char log[4096]; /* "name=text;" of each write */
} fake;

static void fake_put(const char *dir, const char *name, const char *text)
{
	char path[FAKE_PATH];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	if (!f || fputs(text, f) == EOF || fclose(f) != 0)
		abort();
}

static void fake_get(const char *dir, const char *name, char *text, size_t size)
{
	char path[FAKE_PATH];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		abort();
	text[fread(text, 1, size - 1, f)] = '\0';
	fclose(f);
}

static void fake_fill_v1(const char *dir, const char *controllers)
{
	fake_put(dir, "cgroup.procs", "");
	fake_put(dir, "tasks", "");
	if (strstr(controllers, "memory")) {
		fake_put(dir, "memory.limit_in_bytes", "9223372036854771712\n");
		if (!fake.no_memsw)
			fake_put(dir, "memory.memsw.limit_in_bytes", "9223372036854771712\n");
		fake_put(dir, "memory.usage_in_bytes", "4096\n");
		fake_put(dir, "memory.max_usage_in_bytes", "8192\n");
		fake_put(dir, "memory.oom_control",
			 "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
		fake_put(dir, "memory.swappiness", "60\n");
		fake_put(dir, "cgroup.event_control", "");
		fake_put(dir, "memory.stat",
			 "rss 7\ntotal_cache 9\ntotal_rss 0\ntotal_shmem 0\ntotal_swap 0\n");
	}
	if (strstr(controllers, "pids")) {
		fake_put(dir, "pids.current", "0\n");
		fake_put(dir, "pids.max", "max\n");
		fake_put(dir, "pids.events", "max 0\n");
	}
	if (strstr(controllers, "cpuacct"))
		fake_put(dir, "cpuacct.usage", "1234567\n");
	if (strncmp(controllers, "cpu", 3) == 0 && strcmp(controllers, "cpuacct") != 0) {
		fake_put(dir, "cpu.cfs_period_us", "100000\n");
		fake_put(dir, "cpu.cfs_quota_us", "-1\n");
		fake_put(dir, "cpu.stat", "nr_periods 9\nnr_throttled 0\nthrottled_time 0\n");
	}
	if (strstr(controllers, "blkio")) {
		fake_put(dir, "blkio.throttle.read_bps_device", "");
		fake_put(dir, "blkio.throttle.write_bps_device", "");
	}
}

static void fake_fill_v2(const char *dir)
{
	char list[64];

	snprintf(list, sizeof(list), "cpuset cpu%s%s%s\n", fake.no_io ? "" : " io",
		 fake.no_memory ? "" : " memory", fake.no_pids ? "" : " pids");
	fake_put(dir, "cgroup.controllers", list);
	fake_put(dir, "cgroup.subtree_control", "");
	fake_put(dir, "cgroup.procs", "");
	fake_put(dir, "cpu.stat", "usage_usec 1234\nuser_usec 1000\nsystem_usec 234\n");
	fake_put(dir, "cpu.max", "max 100000\n");
	if (!fake.no_io)
		fake_put(dir, "io.max", "");
	if (!fake.no_memory) {
		fake_put(dir, "memory.current", "4096\n");
		fake_put(dir, "memory.max", "max\n");
		fake_put(dir, "memory.swap.max", "max\n");
		if (!fake.no_peak)
			fake_put(dir, "memory.peak", "8192\n");
		if (!fake.no_oom_group)
			fake_put(dir, "memory.oom.group", "0\n");
		fake_put(dir, "memory.events",
			 "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n");
		fake_put(dir, "memory.stat", "anon 0\nfile 8192\nshmem 0\nswapcached 0\n");
	}
	if (!fake.no_pids) {
		fake_put(dir, "pids.current", "0\n");
		fake_put(dir, "pids.max", "max\n");
		fake_put(dir, "pids.events", "max 0\n");
	}
}

/* Path of what a descriptor (and a name below it) is, if it lies in the fake tree. */
static bool fake_path(int fd, const char *name, char *path)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, FAKE_PATH - 1);
	if (n < 0 || fake.base[0] == '\0' || strncmp(path, fake.base, strlen(fake.base)) != 0)
		return false;
	snprintf(path + n, (size_t)(FAKE_PATH - n), "%s%s", name ? "/" : "", name ? name : "");
	return true;
}

int mkdirat(int dirfd, const char *name, mode_t mode)
{
	char path[FAKE_PATH], controllers[32];

	if (syscall(SYS_mkdirat, dirfd, name, mode) < 0)
		return -1;
	if (!fake_path(dirfd, name, path))
		return 0;
	snprintf(controllers, sizeof(controllers), "%s", path + strlen(fake.base) + 1);
	controllers[strcspn(controllers, "/")] = '\0';
	if (strcmp(controllers, "kodewar") == 0 || strcmp(controllers, "unified") == 0)
		fake_fill_v2(path);
	else
		fake_fill_v1(path, controllers);
	return 0;
}

static bool fake_occupied(const char *path)
{
	char text[256], *rest = text, *line;

	fake_get(path, "cgroup.procs", text, sizeof(text));
	while ((line = strsep(&rest, "\n")))
		if (*line && waitpid(atoi(line), NULL, WNOHANG) <= 0 && kill(atoi(line), 0) == 0)
			return true;
	return false;
}

static bool fake_has_children(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	bool found = false;

	if (!d)
		abort();
	while ((e = readdir(d)))
		found |= e->d_type == DT_DIR && e->d_name[0] != '.';
	closedir(d);
	return found;
}

int unlinkat(int dirfd, const char *name, int flags)
{
	char path[FAKE_PATH], command[FAKE_PATH + 64];

	if (!(flags & AT_REMOVEDIR) || !fake_path(dirfd, name, path) || access(path, F_OK) < 0)
		return (int)syscall(SYS_unlinkat, dirfd, name, flags);
	if (fake.busy_removals > 0 || fake_has_children(path) || fake_occupied(path)) {
		fake.busy_removals -= fake.busy_removals > 0;
		errno = EBUSY;
		return -1;
	}
	snprintf(command, sizeof(command), "rm -rf -- '%s'", path);
	return system(command) == 0 ? 0 : -1;
}

static uint64_t fake_number(const char *dir, const char *name)
{
	char text[64];

	fake_get(dir, name, text, sizeof(text));
	return strtoull(text, NULL, 10);
}

/* What the kernel does with a write: an errno, or the file's new text in `text`. */
static int fake_kernel(const char *dir, const char *name, char *text, size_t size)
{
	uint64_t v = text[0] == '-' ? INT64_MAX : strtoull(text, NULL, 10);

	if (fake.fail_file && strcmp(fake.fail_file, name) == 0) {
		fake.fail_file = NULL;
		return fake.fail_errno;
	}
	if (strcmp(name, "memory.limit_in_bytes") == 0 && !fake.no_memsw &&
	    v > fake_number(dir, "memory.memsw.limit_in_bytes"))
		return EINVAL;
	if (strcmp(name, "memory.memsw.limit_in_bytes") == 0) {
		if (v < fake_number(dir, "memory.limit_in_bytes"))
			return EINVAL;
		snprintf(text, size, "%llu", (unsigned long long)v);
	}
	if (strcmp(name, "memory.max_usage_in_bytes") == 0)
		fake_get(dir, "memory.usage_in_bytes", text, size);
	if (strcmp(name, "memory.peak") == 0) {
		if (fake.old_peak)
			return EINVAL;
		fake_get(dir, "memory.current", text, size);
	}
	if (strcmp(name, "cgroup.subtree_control") == 0 && fake_occupied(dir))
		return EBUSY;
	if (strcmp(name, "cgroup.procs") == 0 && strcmp(text, "0") == 0) {
		char top[256];

		fake_get(fake.base, "cgroup.procs", top, sizeof(top));
		if (atoi(top) == getpid())
			fake_put(fake.base, "cgroup.procs", strchr(top, '\n') + 1);
	}
	return 0;
}

static ssize_t fake_write(const char *path, const void *data, size_t len)
{
	char dir[FAKE_PATH], text[256], given[256];
	char *name;
	int r;

	snprintf(dir, sizeof(dir), "%s", path);
	name = strrchr(dir, '/');
	*name++ = '\0';
	snprintf(text, sizeof(text), "%.*s", (int)len, (const char *)data);
	snprintf(given, sizeof(given), "%s", text);
	r = fake_kernel(dir, name, text, sizeof(text));
	if (r) {
		errno = r;
		return -1;
	}
	snprintf(fake.log + strlen(fake.log), sizeof(fake.log) - strlen(fake.log), "%s=%s;", name,
		 given);
	/* In place, so that descriptors stay good. */
	if (strcmp(name, "cgroup.procs") != 0)
		fake_put(dir, name, text);
	return (ssize_t)len;
}

ssize_t write(int fd, const void *data, size_t len)
{
	char path[FAKE_PATH];

	/* stdio, which fake_put uses, does not pass here: libc calls its own. */
	if (!fake_path(fd, NULL, path))
		return syscall(SYS_write, fd, data, len);
	return fake_write(path, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	char path[FAKE_PATH];

	return fake_path(fd, NULL, path) ? fake_write(path, data, len)
					 : syscall(SYS_pwrite64, fd, data, len, offset);
}

/* layout: 1 separate hierarchies, 2 pure v2, 3 hybrid with v2's controllers in unified, 12 cpu,cpuacct joint. */
static void fake_make(int layout)
{
	static const char *const separate[] = { "memory", "pids", "cpu", "cpuacct", "blkio", NULL };
	static const char *const joint[] = { "memory", "pids", "cpu,cpuacct", "blkio", NULL };
	char path[FAKE_PATH];

	snprintf(fake.base, sizeof(fake.base), "/tmp/fake-cgroup-XXXXXX");
	if (!mkdtemp(fake.base))
		abort();
	if (layout == 2)
		fake_fill_v2(fake.base);
	if (layout == 3 || layout == 1) {
		snprintf(path, sizeof(path), "%s/unified", fake.base);
		if (mkdir(path, 0755) < 0)
			abort();
		fake.no_memory = fake.no_pids = fake.no_io = layout == 1;
		fake_fill_v2(path);
		fake.no_memory = fake.no_pids = fake.no_io = false;
	}
	for (const char *const *c = layout == 12 ? joint : separate;
	     *c && (layout == 1 || layout == 12); c++) {
		snprintf(path, sizeof(path), "%s/%s", fake.base, *c);
		if (mkdir(path, 0755) < 0)
			abort();
		fake_fill_v1(path, *c);
	}
	fake.log[0] = '\0';
}

static void fake_drop(void)
{
	char command[FAKE_PATH];

	snprintf(command, sizeof(command), "rm -rf -- '%s'", fake.base);
	if (fake.base[0] && system(command) != 0)
		abort();
	memset(&fake, 0, sizeof(fake));
}

/* --- one root and one leaf in it, taken down after each test ------------------------------------ */

static struct cgroup_root root;
static struct cgroup_leaf leaf;
static struct err err;

static void open_leaf(int layout)
{
	if (fake.base[0] == '\0')
		fake_make(layout);
	if (cgroup_root_open(&root, fake.base, "slot", &err) < 0 ||
	    cgroup_leaf_open(&root, 0, &leaf, &err) < 0)
		fail_msg("%s", err.text);
	fake.log[0] = '\0';
}

static int tear_down(void **state)
{
	cgroup_leaf_close(&leaf);
	cgroup_root_close(&root);
	fake_drop();
	memset(&leaf, 0, sizeof(leaf));
	memset(&root, 0, sizeof(root));
	return 0;
}

static void path_of(const char *below, char *path)
{
	snprintf(path, FAKE_PATH, "%s/%s", fake.base, below);
}

static bool exists(const char *below)
{
	char path[FAKE_PATH];

	path_of(below, path);
	return access(path, F_OK) == 0;
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[FAKE_PATH];

	path_of(dir, path);
	fake_put(path, name, text);
}

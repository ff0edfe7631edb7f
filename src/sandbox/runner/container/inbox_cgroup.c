/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counters of our own cgroup, as the container sees it.  They are mounted read-only, so peaks cannot be
 * reset: what the runtime used to start us is told apart from what the program used by the level at its release.
 * Everything is opened before there is a program, and only pread after: a program of the same uid may lower our limits.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/cgroup.h"
#include "sandbox/runner/container/inbox_parts.h"

#define ROOT "/sys/fs/cgroup/"

static int open_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC);
}

void inbox_cgroup_open(struct inbox_cgroup *c)
{
	c->version = access(ROOT "cgroup.controllers", F_OK) == 0 ? 2 : 1;
	if (c->version == 2) {
		c->level_fd = open_file(ROOT "memory.current");
		c->peak_fd = open_file(ROOT "memory.peak");
		c->oom_fd = open_file(ROOT "memory.events");
		c->pids_fd = open_file(ROOT "pids.events");
		c->cpu_fd = open_file(ROOT "cpu.stat");
		return;
	}
	c->level_fd = open_file(ROOT "memory/memory.usage_in_bytes");
	c->peak_fd = open_file(ROOT "memory/memory.max_usage_in_bytes");
	c->oom_fd = open_file(ROOT "memory/memory.oom_control");
	c->pids_fd = open_file(ROOT "pids/pids.events");
	c->cpu_fd = open_file(ROOT "cpuacct/cpuacct.usage");
	if (c->cpu_fd < 0)
		c->cpu_fd = open_file(ROOT "cpu,cpuacct/cpuacct.usage");
}

static bool has_key(int fd, const char *key)
{
	char text[1024];

	return fd >= 0 && fd_read_text(fd, text, sizeof(text)) > 0 && strstr(text, key);
}

uint32_t inbox_cgroup_sees(const struct inbox_cgroup *c)
{
	return (c->cpu_fd >= 0 ? INBOX_SEES_CPU : 0) |
	       (c->level_fd >= 0 && c->peak_fd >= 0 ? INBOX_SEES_MEMORY : 0) |
	       (has_key(c->oom_fd, "oom_kill ") ? INBOX_SEES_OOM : 0) |
	       (has_key(c->pids_fd, "max ") ? INBOX_SEES_PIDS : 0);
}

/* The number behind "key " at the beginning of a line; key "": the first number there is. */
static uint64_t read_key(int fd, const char *key)
{
	char text[1024];
	size_t len = strlen(key);

	if (fd < 0 || fd_read_text(fd, text, sizeof(text)) <= 0)
		return 0;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0)
			return cgroup_parse_number(line + len);
	}
	return 0;
}

static uint64_t rusage_usec(int who)
{
	struct rusage u;

	if (getrusage(who, &u) < 0)
		return 0;
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000u +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* Where the cgroup is hidden (gVisor), what was reaped is known at least: all of it, once all are dead. */
uint64_t inbox_cgroup_cpu_usec(const struct inbox_cgroup *c)
{
	char text[1024];

	if (c->cpu_fd >= 0 && fd_read_text(c->cpu_fd, text, sizeof(text)) > 0)
		return cgroup_parse_cpu_usec(c->version, text);
	return rusage_usec(RUSAGE_CHILDREN);
}

void inbox_cgroup_read(const struct inbox_cgroup *c, struct inbox_level *ret)
{
	ret->cpu_usec = inbox_cgroup_cpu_usec(c);
	ret->memory_bytes = read_key(c->level_fd, "");
	ret->peak_bytes = read_key(c->peak_fd, "");
	ret->oom_kills = read_key(c->oom_fd, "oom_kill ");
	ret->pids_events = read_key(c->pids_fd, "max ");
}

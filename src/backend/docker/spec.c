/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See spec.h.  Every wall is asked for by name, also those that are an engine's default today: a daemon may have
 * been told otherwise, and what it leaves out is found by the probe.
 */
#include "backend/docker/spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sandbox/runner/container/inbox.h"

#define OUR_MEMORY_BYTES (2ull << 20) /* the runner, its stacks and page tables */
#define OUR_PROCESSES 1
#define OUR_INODES 2
#define PAGE_BYTES 4096u
#define OUR_FILES_OPEN 64	       /* the runner's own descriptors, in a container of fewer */
#define ENGINE_MEMORY_MIN (6ull << 20) /* an engine takes no less */
#define DISK_RATE (64ull << 20)
/* One processor. NanoCpus means periods of 100 ms: in one of them two processors may be had for half of it. */
#define CPU_PERIOD_USEC 10000
#define OOM_SCORE \
	500 /* before the host's own; the program raises its to 1000, so that it goes before the runner */
#define USERNS_UID 1000 /* an engine that maps uids has 65536 of them */
#define USERNS_UIDS 60000
/* The cgroup's limit is to be met first, since only that is counted. */
#define NPROC_ROOM 64

struct spec_limits spec_limits_of(const struct limits *l, uint64_t our_file_bytes,
				  uint64_t our_files)
{
	uint64_t disk = l->disk_kb * 1024, file = l->file_kb * 1024;

	/* The source counts as on any disk; only where it would take most of it, room is added. */
	our_file_bytes += our_files * PAGE_BYTES; /* each begins a page */
	if (our_file_bytes > disk / 2)
		disk += our_file_bytes;
	return (struct spec_limits){
		.memory_kb = l->memory_kb,
		.processes = l->processes,
		.disk_kb = (disk + 1023) / 1024,
		.inodes = l->inodes + (our_files > l->inodes / 2 ? our_files : 0),
		.open_files = l->open_files,
		.file_bytes = file > our_file_bytes ? file : our_file_bytes,
	};
}

bool spec_fits(const struct spec_limits *have, const struct spec_limits *want)
{
	return have->memory_kb == want->memory_kb && have->processes == want->processes &&
	       have->disk_kb == want->disk_kb && have->inodes == want->inodes &&
	       have->open_files >= want->open_files && have->file_bytes >= want->file_bytes;
}

static json_t *ulimit(const char *name, uint64_t value)
{
	return json_pack("{s:s, s:I, s:I}", "Name", name, "Soft", (json_int_t)value, "Hard",
			 (json_int_t)value);
}

/* A ceiling each: the runner sets the program's own below them. core is 1 for the reason that rlimit.c tells. */
static json_t *ulimits(const struct spec_limits *l)
{
	uint64_t files = l->open_files > OUR_FILES_OPEN ? l->open_files : OUR_FILES_OPEN;

	return json_pack("[o, o, o, o, o]", ulimit("nofile", files),
			 ulimit("nproc", l->processes + NPROC_ROOM), ulimit("fsize", l->file_bytes),
			 ulimit("core", 1), ulimit("msgqueue", 0));
}

/* Three of them, each as large as all together may be: an engine cannot show one at three places. */
static json_t *tmpfs(const struct spec_limits *l, uint32_t uid)
{
	static const struct {
		const char *path, *mode, *exec;
	} places[] = { { "/box", "0755", "exec" },
		       { "/tmp", "1777", "exec" },
		       { "/dev/shm", "1777", "exec" } };
	json_t *all = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		json_object_set_new(
			all, places[i].path,
			json_sprintf(
				"rw,nosuid,nodev,%s,mode=%s,uid=%u,gid=%u,size=%lluk,nr_inodes=%llu",
				places[i].exec, places[i].mode, uid, uid,
				(unsigned long long)l->disk_kb,
				(unsigned long long)l->inodes + OUR_INODES));
	return all;
}

static json_t *security(const struct spec_host *h)
{
	json_t *all = json_array();

	json_array_append_new(all, json_string("no-new-privileges"));
	json_array_append_new(all, json_sprintf("seccomp=%s", h->seccomp));
	if (h->apparmor)
		json_array_append_new(all, json_string("apparmor=docker-default"));
	return all;
}

/*
 * What the kernel tells about itself, its host and others: of /sys only the cgroup is left. What it does not have,
 * runtimes pass over.
 */
static json_t *masked(void)
{
	static const char *const paths[] = {
		"/proc/acpi",	     "/proc/asound",	    "/proc/buddyinfo",
		"/proc/bus",	     "/proc/cmdline",	    "/proc/config.gz",
		"/proc/diskstats",   "/proc/driver",	    "/proc/interrupts",
		"/proc/iomem",	     "/proc/ioports",	    "/proc/kallsyms",
		"/proc/kcore",	     "/proc/key-users",	    "/proc/keys",
		"/proc/kmsg",	     "/proc/kpagecgroup",   "/proc/kpagecount",
		"/proc/kpageflags",  "/proc/latency_stats", "/proc/locks",
		"/proc/mdstat",	     "/proc/modules",	    "/proc/pagetypeinfo",
		"/proc/partitions",  "/proc/pressure",	    "/proc/sched_debug",
		"/proc/schedstat",   "/proc/scsi",	    "/proc/slabinfo",
		"/proc/softirqs",    "/proc/swaps",	    "/proc/sys/kernel/random/boot_id",
		"/proc/timer_list",  "/proc/timer_stats",   "/proc/tty",
		"/proc/vmallocinfo", "/proc/zoneinfo",	    "/sys/block",
		"/sys/bus",	     "/sys/class",	    "/sys/dev",
		"/sys/devices",	     "/sys/firmware",	    "/sys/hypervisor",
		"/sys/kernel",	     "/sys/module",	    "/sys/power",
	};
	json_t *all = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		json_array_append_new(all, json_string(paths[i]));
	return all;
}

static json_t *readonly_paths(void)
{
	return json_pack("[s, s, s, s]", "/proc/fs", "/proc/irq", "/proc/sys",
			 "/proc/sysrq-trigger");
}

static void bound_disk(json_t *host, const char *device)
{
	json_t *rate = json_pack("[{s:s, s:I}]", "Path", device, "Rate", (json_int_t)DISK_RATE);

	json_object_set(host, "BlkioDeviceReadBps", rate);
	json_object_set(host, "BlkioDeviceWriteBps", rate);
	json_decref(rate);
}

static uint64_t memory_bytes(const struct spec_limits *l)
{
	uint64_t bytes = l->memory_kb * 1024 + OUR_MEMORY_BYTES;

	return bytes < ENGINE_MEMORY_MIN ? ENGINE_MEMORY_MIN : bytes;
}

static json_t *host_config(const struct spec_host *h, const struct spec_limits *l, uint32_t uid)
{
	json_int_t memory = (json_int_t)memory_bytes(l);
	json_t *c = json_pack(
		"{s:s, s:b, s:o, s:s, s:[s], s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:b, s:b, s:o, s:o, s:{s:s}, s:i, s:{s:s}}",
		"NetworkMode", "none", "ReadonlyRootfs", 1, "Tmpfs", tmpfs(l, uid), "IpcMode",
		"none", "CapDrop", "ALL", "SecurityOpt", security(h), "PidsLimit",
		(json_int_t)l->processes + OUR_PROCESSES, "Memory", memory, "MemorySwap", memory,
		"CpuPeriod", (json_int_t)CPU_PERIOD_USEC, "CpuQuota", (json_int_t)CPU_PERIOD_USEC,
		"Ulimits", ulimits(l), "Init", 0, "AutoRemove", 0, "MaskedPaths", masked(),
		"ReadonlyPaths", readonly_paths(), "LogConfig", "Type", "none", "OomScoreAdj",
		OOM_SCORE, "RestartPolicy", "Name", "no");

	if (!c)
		return NULL;
	if (h->runtime)
		json_object_set_new(c, "Runtime", json_string(h->runtime));
	if (h->api_minor >= 41)
		json_object_set_new(c, "CgroupnsMode", json_string("private"));
	if (h->device)
		bound_disk(c, h->device);
	return c;
}

json_t *spec_container(const struct spec_host *h, const struct spec_limits *l, uint32_t uid_offset)
{
	uint32_t uid =
		h->userns ? USERNS_UID + uid_offset % USERNS_UIDS : INBOX_UID_BASE + uid_offset;
	json_t *command = json_array(), *body;

	for (size_t i = 0; h->programs[i]; i++)
		json_array_append_new(command, json_string(h->programs[i]));
	body = json_pack(
		"{s:s, s:[s], s:o, s:o, s:s, s:[s], s:s, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:{s:s, s:s}, s:{s:[s]}, s:o}",
		"Image", h->image_id, "Entrypoint", INBOX_PATH, "Cmd", command, "User",
		json_sprintf("%u:%u", uid, uid), "WorkingDir", "/", "Env", "PATH=/usr/bin:/bin",
		"Hostname", "box", "AttachStdin", 1, "AttachStdout", 1, "AttachStderr", 1,
		"OpenStdin", 1, "StdinOnce", 1, "Tty", 0, "NetworkDisabled", 1, "Labels",
		SPEC_LABEL, "1", SPEC_LABEL_OWNER, h->owner, "Healthcheck", "Test", "NONE",
		"HostConfig", host_config(h, l, uid));
	return body;
}

/* ---- the profile ---- */

static bool is_runners(const char *name)
{
	static const char *const names[] = { "landlock_create_ruleset", "landlock_add_rule",
					     "landlock_restrict_self", "openat2", "seccomp" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (name && strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void take_out(json_t *names)
{
	for (size_t i = json_array_size(names); i-- > 0;)
		if (is_runners(json_string_value(json_array_get(names, i))))
			json_array_remove(names, i);
}

/* A rule without names would be refused; ours has none that consists of these alone, but a caller's profile may. */
static void clean_rules(json_t *rules)
{
	for (size_t i = json_array_size(rules); i-- > 0;) {
		json_t *names = json_object_get(json_array_get(rules, i), "names");

		take_out(names);
		if (json_array_size(names) == 0)
			json_array_remove(rules, i);
	}
}

int spec_profile(struct text profile, char **ret, struct err *err)
{
	json_error_t e;
	json_t *all = json_loadb(profile.data, profile.len, JSON_REJECT_DUPLICATES, &e);
	json_t *rules = json_object_get(all, "syscalls");

	if (!json_is_array(rules)) {
		json_decref(all);
		return err_set(err, 0, "the seccomp profile is not in Docker's format: %s",
			       all ? "no syscalls" : e.text),
		       -EINVAL;
	}
	clean_rules(rules);
	json_array_append_new(rules,
			      json_pack("{s:[s, s, s, s], s:s}", "names", "landlock_create_ruleset",
					"landlock_add_rule", "landlock_restrict_self", "openat2",
					"action", "SCMP_ACT_ALLOW"));
	/* SECCOMP_SET_MODE_FILTER without flags: no listener, nothing but one more restriction. */
	json_array_append_new(rules, json_pack("{s:[s], s:s, s:[{s:i, s:i, s:s}, {s:i, s:i, s:s}]}",
					       "names", "seccomp", "action", "SCMP_ACT_ALLOW",
					       "args", "index", 0, "value", 1, "op", "SCMP_CMP_EQ",
					       "index", 1, "value", 0, "op", "SCMP_CMP_EQ"));
	*ret = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	return *ret ? 0 : err_set(err, ENOMEM, "make the engine's seccomp profile");
}

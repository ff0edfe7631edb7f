/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See noise.h.  Files are small and their absence means something, so each row is a function that reads one or two of them
 * and writes down what it saw.  The names in them are the kernel's, not a stranger's.
 */
#include "kernel/noise.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define CPU_DIR "/sys/devices/system/cpu"
#define TEXT_BYTES 4096
#define STEAL_LOUD_PERCENT 1.0

const char *const noise_state_names[NOISE_STATES] = { "unknown", "quiet", "noisy" };

const struct noise_info noise_table[NOISE_IDS] = {
	[NOISE_GOVERNOR] = { "cpu-governor", "cpus run at one speed, however busy they are",
			     "cpupower frequency-set -g performance" },
	[NOISE_TURBO] = { "cpu-turbo", "no cpu runs faster while the others are idle",
			  "echo 1 > " CPU_DIR "/intel_pstate/no_turbo, or echo 0 > " CPU_DIR
			  "/cpufreq/boost" },
	[NOISE_THREADS] = { "cpu-threads", "no two lanes share a core",
			    "as many --lanes as there are cores, or echo off > " CPU_DIR
			    "/smt/control" },
	[NOISE_STEAL] = { "steal", "the host of this virtual machine takes no cpu time from it",
			  "cpus of its own for this machine (pinned, not overcommitted)" },
	[NOISE_QUOTA] = { "quota", "no control group around us stops our cpu time",
			  "no cpu limit on the container or unit, or one above the lanes" },
	[NOISE_LOAD] = { "load", "nobody else wants the cpus",
			 "fewer --lanes, or the other work elsewhere" },
	[NOISE_SWAP] = { "swap", "nothing around the boxes is swapped out",
			 "swapoff -a, and its lines out of /etc/fstab" },
	[NOISE_HUGE_PAGES] = { "huge-pages", "memory comes in pages of one size unless asked for",
			       "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled" },
	[NOISE_NUMA] = { "numa", "all memory is equally far from all cpus",
			 "one instance per node: numactl --cpunodebind=N --membind=N" },
	[NOISE_CLOCK] = { "clock", "the clock is read without leaving the program",
			  "the kernel's parameter clocksource=tsc, where the cpu's is stable" },
};

/* ---- reading ---- */

/* The file as a string without the newline at its end; false: not there, or not ours to read. */
static bool read_file(const struct noise_place *p, char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static bool read_file(const struct noise_place *p, char *text, size_t size, const char *fmt, ...)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	size_t n = (size_t)snprintf(path, sizeof(path), "%s", p->root);
	ssize_t len;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path + n, sizeof(path) - n, fmt, ap);
	va_end(ap);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : fd_read_full(fd, text, size - 1);
	if (len < 0)
		return false;
	while (len > 0 && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return true;
}

static void say(struct noise_fact *f, enum noise_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct noise_fact *f, enum noise_state state, const char *fmt, ...)
{
	va_list ap;

	f->state = state;
	va_start(ap, fmt);
	vsnprintf(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
}

static bool is_virtual(const struct noise_place *p)
{
	char text[TEXT_BYTES];

	return read_file(p, text, sizeof(text), "/proc/cpuinfo") && strstr(text, " hypervisor");
}

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

/* ---- rows ---- */

static void look_governor(const struct noise_place *p, struct noise_fact *f)
{
	char text[64];
	bool seen = false;

	for (unsigned i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &p->cpus) ||
		    !read_file(p, text, sizeof(text), CPU_DIR "/cpu%u/cpufreq/scaling_governor", i))
			continue;
		seen = true;
		if (strcmp(text, "performance") != 0)
			return say(f, NOISE_LOUD, "cpu%u has the governor %s", i, text);
	}
	if (seen)
		say(f, NOISE_QUIET, "performance");
	else
		say(f, NOISE_UNKNOWN, "no cpufreq here: %s",
		    is_virtual(p) ? "the host of this virtual machine decides" : "no driver");
}

static void look_turbo(const struct noise_place *p, struct noise_fact *f)
{
	char text[16];

	if (read_file(p, text, sizeof(text), CPU_DIR "/intel_pstate/no_turbo"))
		say(f, *text == '1' ? NOISE_QUIET : NOISE_LOUD, "intel_pstate/no_turbo is %s",
		    text);
	else if (read_file(p, text, sizeof(text), CPU_DIR "/cpufreq/boost"))
		say(f, *text == '0' ? NOISE_QUIET : NOISE_LOUD, "cpufreq/boost is %s", text);
	else
		say(f, NOISE_UNKNOWN, "neither intel_pstate nor cpufreq/boost is here");
}

/* Of the threads of a core the first that is ours stands for it. */
static bool count_cores(const struct noise_place *p, unsigned *ret)
{
	char seen[TEXT_BYTES] = " ", list[128], word[132];

	*ret = 0;
	for (unsigned i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &p->cpus))
			continue;
		if (!read_file(p, list, sizeof(list),
			       CPU_DIR "/cpu%u/topology/thread_siblings_list", i))
			return false;
		snprintf(word, sizeof(word), " %s ", list);
		if (strstr(seen, word))
			continue;
		++*ret;
		if (strlen(seen) + strlen(list) + 2 < sizeof(seen))
			strcat(strcat(seen, list), " ");
	}
	return *ret > 0;
}

static void look_threads(const struct noise_place *p, struct noise_fact *f)
{
	unsigned cpus = (unsigned)CPU_COUNT(&p->cpus), cores;

	if (!count_cores(p, &cores))
		return say(f, NOISE_UNKNOWN, "the kernel does not tell which cpus share a core");
	if (p->lanes > cores)
		return say(f, NOISE_LOUD, "%u lane%s, %u core%s (%u cpu%s)", p->lanes,
			   plural(p->lanes), cores, plural(cores), cpus, plural(cpus));
	if (cores == cpus && is_virtual(p))
		return say(f, NOISE_UNKNOWN,
			   "each cpu of this virtual machine is shown as a core; its host may know "
			   "better");
	say(f, NOISE_QUIET, "%u lane%s, %u core%s", p->lanes, plural(p->lanes), cores,
	    plural(cores));
}

void noise_ticks(const char *root, struct noise_ticks *ret)
{
	const struct noise_place p = { .root = root };
	unsigned long long t[8] = { 0 };
	char text[TEXT_BYTES];

	*ret = (struct noise_ticks){ 0 };
	if (!read_file(&p, text, sizeof(text), "/proc/stat") ||
	    sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3],
		   &t[4], &t[5], &t[6], &t[7]) != 8)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		ret->all += t[i];
	ret->stolen = t[7];
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void look_steal(const struct noise_place *p, struct noise_fact *f)
{
	struct noise_ticks now;
	double ever, lately = 0;

	noise_ticks(p->root, &now);
	if (now.all == 0)
		return say(f, NOISE_UNKNOWN, "/proc/stat does not tell");
	ever = percent(now.stolen, now.all);
	if (p->before.all && now.all > p->before.all && now.stolen >= p->before.stolen)
		lately = percent(now.stolen - p->before.stolen, now.all - p->before.all);
	if (now.stolen == 0 && is_virtual(p))
		return say(f, NOISE_UNKNOWN,
			   "none is told, but not every host tells its virtual machines");
	say(f,
	    ever >= STEAL_LOUD_PERCENT || lately >= STEAL_LOUD_PERCENT ? NOISE_LOUD : NOISE_QUIET,
	    "%.2f %% since the start of the host, %.2f %% while we looked", ever, lately);
}

/* v2 has a line "MAX PERIOD" or "max PERIOD", v1 two files. */
static bool has_quota(const struct noise_place *p, int version, const char *dir, char *text,
		      size_t size)
{
	char quota[64], period[64];

	if (version == 2) {
		if (!read_file(p, quota, sizeof(quota), "%s/cpu.max", dir) ||
		    strncmp(quota, "max", 3) == 0)
			return false;
		snprintf(text, size, "cpu.max is %.60s", quota);
		return true;
	}
	if (!read_file(p, quota, sizeof(quota), "%s/cpu.cfs_quota_us", dir) || quota[0] == '-' ||
	    !read_file(p, period, sizeof(period), "%s/cpu.cfs_period_us", dir))
		return false;
	snprintf(text, size, "cpu.cfs_quota_us is %.40s of %.40s", quota, period);
	return true;
}

/* The path of our group: of v2 the line "0::", of v1 the one that names the controller. */
static bool own_group(const struct noise_place *p, int version, char *path, size_t size)
{
	char text[TEXT_BYTES], *line, *save = NULL;

	if (!read_file(p, text, sizeof(text), "/proc/self/cgroup"))
		return false;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *names = strchr(line, ':'), *at = names ? strchr(names + 1, ':') : NULL;

		if (!at)
			continue;
		*at = '\0';
		if (version == 2 ? names[1] != '\0'
				 : strcmp(names, ":cpu") != 0 && strncmp(names, ":cpu,", 5) != 0 &&
					   strcmp(names, ":cpuacct,cpu") != 0)
			continue;
		return (size_t)snprintf(path, size, "%s", at + 1) < size;
	}
	return false;
}

static const char *quota_base(const struct noise_place *p, int *version)
{
	static const char *const v1[] = { "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct",
					  "/sys/fs/cgroup/cpuacct,cpu" };
	char text[256];

	*version = 2;
	if (read_file(p, text, sizeof(text), "/sys/fs/cgroup/cgroup.controllers"))
		return "/sys/fs/cgroup";
	*version = 1;
	for (size_t i = 0; i < ARRAY_SIZE(v1); i++)
		if (read_file(p, text, sizeof(text), "%s/cgroup.procs", v1[i]))
			return v1[i];
	return NULL;
}

/* Our group and all around it, up to the top of what can be seen. */
static void look_quota(const struct noise_place *p, struct noise_fact *f)
{
	char path[PATH_MAX / 2], dir[PATH_MAX], found[128], *slash;
	int version;
	const char *base = quota_base(p, &version);

	if (!base || !own_group(p, version, path, sizeof(path)))
		return say(f, NOISE_UNKNOWN, "no cpu controller is mounted below /sys/fs/cgroup");
	for (;;) {
		snprintf(dir, sizeof(dir), "%s%s", base, strcmp(path, "/") ? path : "");
		if (has_quota(p, version, dir, found, sizeof(found)))
			return say(f, NOISE_LOUD, "%.80s in %.60s", found, *path ? path : "/");
		slash = strrchr(path, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	say(f, NOISE_QUIET, "no bound on any group that is seen from here");
}

static void look_load(const struct noise_place *p, struct noise_fact *f)
{
	unsigned cpus = (unsigned)CPU_COUNT(&p->cpus);
	char text[128];
	double load;

	if (!read_file(p, text, sizeof(text), "/proc/loadavg") || sscanf(text, "%lf", &load) != 1)
		return say(f, NOISE_UNKNOWN, "/proc/loadavg does not tell");
	say(f, load > cpus ? NOISE_LOUD : NOISE_QUIET,
	    "a load of %.2f in the last minute, %u cpu%s", load, cpus, plural(cpus));
}

static void look_swap(const struct noise_place *p, struct noise_fact *f)
{
	char text[TEXT_BYTES], *line;

	if (!read_file(p, text, sizeof(text), "/proc/swaps"))
		return say(f, NOISE_UNKNOWN, "/proc/swaps is not to be read");
	line = strchr(text, '\n');
	if (line)
		say(f, NOISE_LOUD, "%.*s is in use", (int)strcspn(line + 1, " \t"), line + 1);
	else
		say(f, NOISE_QUIET, "none");
}

static void look_huge_pages(const struct noise_place *p, struct noise_fact *f)
{
	char text[128];

	if (!read_file(p, text, sizeof(text), "/sys/kernel/mm/transparent_hugepage/enabled"))
		return say(f, NOISE_UNKNOWN, "the kernel does not tell of transparent huge pages");
	say(f, strstr(text, "[always]") ? NOISE_LOUD : NOISE_QUIET, "transparent_hugepage: %s",
	    text);
}

static void look_numa(const struct noise_place *p, struct noise_fact *f)
{
	char text[128];

	if (!read_file(p, text, sizeof(text), "/sys/devices/system/node/online"))
		return say(f, NOISE_UNKNOWN, "the kernel does not tell of nodes");
	say(f, strcmp(text, "0") != 0 ? NOISE_LOUD : NOISE_QUIET, "node%s %s",
	    strcmp(text, "0") != 0 ? "s" : "", text);
}

/* Those for which the kernel has code that programs call without entering it. */
static void look_clock(const struct noise_place *p, struct noise_fact *f)
{
	static const char *const fast[] = { "tsc", "kvm-clock", "hyperv_clocksource_tsc_page",
					    "arch_sys_counter" };
	char text[64];

	if (!read_file(p, text, sizeof(text),
		       "/sys/devices/system/clocksource/clocksource0/current_clocksource"))
		return say(f, NOISE_UNKNOWN, "the kernel does not tell its clock");
	for (size_t i = 0; i < ARRAY_SIZE(fast); i++)
		if (strcmp(text, fast[i]) == 0)
			return say(f, NOISE_QUIET, "%s", text);
	say(f, NOISE_LOUD, "%s", text);
}

static void (*const rows[NOISE_IDS])(const struct noise_place *p, struct noise_fact *f) = {
	[NOISE_GOVERNOR] = look_governor, [NOISE_TURBO] = look_turbo,
	[NOISE_THREADS] = look_threads,	  [NOISE_STEAL] = look_steal,
	[NOISE_QUOTA] = look_quota,	  [NOISE_LOAD] = look_load,
	[NOISE_SWAP] = look_swap,	  [NOISE_HUGE_PAGES] = look_huge_pages,
	[NOISE_NUMA] = look_numa,	  [NOISE_CLOCK] = look_clock,
};

void noise_look(const struct noise_place *p, struct noise_fact facts[NOISE_IDS])
{
	for (size_t i = 0; i < NOISE_IDS; i++)
		rows[i](p, &facts[i]);
}

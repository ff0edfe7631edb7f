/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a host's noise, on hosts made of plain files: each row quiet, noisy, and unknown where there is no file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/noise.h"

#define CPU "/sys/devices/system/cpu"
#define PATH_BYTES 512

static char root[64];
static struct noise_place place;
static struct noise_fact facts[NOISE_IDS];

static void put(const char *name, const char *text)
{
	char path[PATH_BYTES];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int fresh(void **state)
{
	snprintf(root, sizeof(root), "/tmp/noise-XXXXXX");
	assert_non_null(mkdtemp(root));
	place = (struct noise_place){ .root = root, .lanes = 2 };
	CPU_ZERO(&place.cpus);
	CPU_SET(0, &place.cpus);
	CPU_SET(1, &place.cpus);
	return 0;
}

static int drop(void **state)
{
	char command[PATH_BYTES];

	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void assert_told(enum noise_id id, enum noise_state state, const char *part)
{
	noise_look(&place, facts);
	assert_int_equal(facts[id].state, state);
	if (!strstr(facts[id].detail, part))
		fail_msg("\"%s\" does not hold \"%s\"", facts[id].detail, part);
}

static void test_where_nothing_is_told_all_is_unknown(void **state)
{
	noise_look(&place, facts);
	for (size_t i = 0; i < NOISE_IDS; i++) {
		assert_int_equal(facts[i].state, NOISE_UNKNOWN);
		assert_true(*facts[i].detail);
		assert_true(*noise_table[i].name && *noise_table[i].doc && *noise_table[i].cure);
	}
}

static void test_governor(void **state)
{
	put(CPU "/cpu0/cpufreq/scaling_governor", "performance\n");
	put(CPU "/cpu1/cpufreq/scaling_governor", "powersave\n");
	put(CPU "/cpu2/cpufreq/scaling_governor", "schedutil\n"); /* not ours */
	assert_told(NOISE_GOVERNOR, NOISE_LOUD, "cpu1 has the governor powersave");
	put(CPU "/cpu1/cpufreq/scaling_governor", "performance\n");
	assert_told(NOISE_GOVERNOR, NOISE_QUIET, "performance");
}

static void test_turbo(void **state)
{
	put(CPU "/cpufreq/boost", "1\n");
	assert_told(NOISE_TURBO, NOISE_LOUD, "boost is 1");
	put(CPU "/cpufreq/boost", "0\n");
	assert_told(NOISE_TURBO, NOISE_QUIET, "boost is 0");
	put(CPU "/intel_pstate/no_turbo", "0\n");
	assert_told(NOISE_TURBO, NOISE_LOUD, "no_turbo is 0");
	put(CPU "/intel_pstate/no_turbo", "1\n");
	assert_told(NOISE_TURBO, NOISE_QUIET, "no_turbo is 1");
}

static void test_lanes_on_threads_of_one_core(void **state)
{
	put(CPU "/cpu0/topology/thread_siblings_list", "0-1\n");
	put(CPU "/cpu1/topology/thread_siblings_list", "0-1\n");
	assert_told(NOISE_THREADS, NOISE_LOUD, "2 lanes, 1 core (2 cpus)");
	place.lanes = 1;
	assert_told(NOISE_THREADS, NOISE_QUIET, "1 lane, 1 core");
	place.lanes = 2;
	put(CPU "/cpu0/topology/thread_siblings_list", "0\n");
	put(CPU "/cpu1/topology/thread_siblings_list", "1\n");
	assert_told(NOISE_THREADS, NOISE_QUIET, "2 lanes, 2 cores");
	put("/proc/cpuinfo", "flags : fpu hypervisor lahf_lm\n");
	assert_told(NOISE_THREADS, NOISE_UNKNOWN, "virtual machine");
	place.lanes = 3;
	assert_told(NOISE_THREADS, NOISE_LOUD, "3 lanes, 2 cores");
}

static void test_steal(void **state)
{
	put("/proc/stat", "cpu  100 0 100 9790 0 0 0 10 0 0\ncpu0 1\n");
	assert_told(NOISE_STEAL, NOISE_QUIET, "0.10 % since");
	place.before = (struct noise_ticks){ 9900, 5 };
	assert_told(NOISE_STEAL, NOISE_LOUD, "5.00 % while we looked");
	put("/proc/stat", "cpu  100 0 100 9790 0 0 0 0 0 0\n");
	assert_told(NOISE_STEAL, NOISE_QUIET, "0.00 %");
	put("/proc/cpuinfo", "flags : fpu hypervisor lahf_lm\n");
	assert_told(NOISE_STEAL, NOISE_UNKNOWN, "not every host tells");
}

static void test_quota_of_v2(void **state)
{
	put("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
	put("/proc/self/cgroup", "1:name=systemd:/elsewhere\n0::/a/b\n");
	put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
	assert_told(NOISE_QUOTA, NOISE_QUIET, "no bound");
	put("/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
	assert_told(NOISE_QUOTA, NOISE_LOUD, "cpu.max is 150000 100000 in /a");
	put("/sys/fs/cgroup/a/cpu.max", "max 100000\n");
	put("/sys/fs/cgroup/cpu.max", "50000 100000\n"); /* a container's own top */
	assert_told(NOISE_QUOTA, NOISE_LOUD, "50000 100000 in /");
}

static void test_quota_of_v1(void **state)
{
	put("/sys/fs/cgroup/cpu/cgroup.procs", "");
	put("/proc/self/cgroup", "9:name=systemd:/\n3:cpuset:/x\n2:cpu,cpuacct:/docker/1\n0::/\n");
	put("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us", "100000\n");
	assert_told(NOISE_QUOTA, NOISE_QUIET, "no bound");
	put("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "20000\n");
	assert_told(NOISE_QUOTA, NOISE_LOUD, "20000 of 100000 in /docker/1");
	put("/proc/self/cgroup", "2:memory:/docker/1\n");
	assert_told(NOISE_QUOTA, NOISE_UNKNOWN, "no cpu controller");
}

static void test_load_and_swap(void **state)
{
	put("/proc/loadavg", "2.10 0.00 0.00 1/99 7\n");
	assert_told(NOISE_LOAD, NOISE_LOUD, "2.10 in the last minute, 2 cpus");
	put("/proc/loadavg", "1.90 9.00 9.00 1/99 7\n");
	assert_told(NOISE_LOAD, NOISE_QUIET, "1.90");
	put("/proc/swaps", "Filename\tType\tSize\n/dev/sda2  partition 1\n");
	assert_told(NOISE_SWAP, NOISE_LOUD, "/dev/sda2 is in use");
	put("/proc/swaps", "Filename\tType\tSize\n");
	assert_told(NOISE_SWAP, NOISE_QUIET, "none");
}

static void test_pages_nodes_and_clock(void **state)
{
	static const char pages[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	static const char clock[] =
		"/sys/devices/system/clocksource/clocksource0/current_clocksource";

	put(pages, "[always] madvise never\n");
	assert_told(NOISE_HUGE_PAGES, NOISE_LOUD, "[always]");
	put(pages, "always [madvise] never\n");
	assert_told(NOISE_HUGE_PAGES, NOISE_QUIET, "[madvise]");
	put("/sys/devices/system/node/online", "0-1\n");
	assert_told(NOISE_NUMA, NOISE_LOUD, "nodes 0-1");
	put("/sys/devices/system/node/online", "0\n");
	assert_told(NOISE_NUMA, NOISE_QUIET, "node 0");
	put(clock, "hpet\n");
	assert_told(NOISE_CLOCK, NOISE_LOUD, "hpet");
	put(clock, "tsc\n");
	assert_told(NOISE_CLOCK, NOISE_QUIET, "tsc");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fresh, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_where_nothing_is_told_all_is_unknown),
		TEST(test_governor),
		TEST(test_turbo),
		TEST(test_lanes_on_threads_of_one_core),
		TEST(test_steal),
		TEST(test_quota_of_v2),
		TEST(test_quota_of_v1),
		TEST(test_load_and_swap),
		TEST(test_pages_nodes_and_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

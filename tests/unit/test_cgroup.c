/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both cgroup drivers on fake trees (cgroup_fake.h): what is written, in which order, and what happens
 * when the host lacks something, refuses something or says something odd.  That the real kernel
 * does what is meant by it is test_cgroup_real.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup_fake.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_ops.h"

#define MB (1024u * 1024u)

static const struct cgroup_limits usual = { .memory_bytes = 64 * MB,
					    .pids = 10,
					    .cpus_milli = 1000 };

static void prepare_logs(const struct cgroup_limits *l, const char *expected)
{
	fake.log[0] = '\0';
	if (cgroup_leaf_prepare(&leaf, l, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(fake.log, expected);
}

static void v1_writes_memory_in_the_order_the_kernel_takes(void **state)
{
	struct cgroup_limits l = usual;

	open_leaf(1);
	prepare_logs(&l, "memory.memsw.limit_in_bytes=-1;memory.limit_in_bytes=67108864;"
			 "memory.memsw.limit_in_bytes=67108864;pids.max=10;"
			 "cpu.cfs_quota_us=-1;cpu.cfs_period_us=10000;cpu.cfs_quota_us=10000;"
			 "memory.max_usage_in_bytes=0;");
	prepare_logs(&l, "memory.max_usage_in_bytes=0;");
	l.memory_bytes = 128 * MB;
	prepare_logs(&l, "memory.memsw.limit_in_bytes=134217728;memory.limit_in_bytes=134217728;"
			 "memory.max_usage_in_bytes=0;");
	l.memory_bytes = 32 * MB;
	l.pids = 11;
	prepare_logs(
		&l,
		"memory.limit_in_bytes=33554432;memory.memsw.limit_in_bytes=33554432;pids.max=11;"
		"memory.max_usage_in_bytes=0;");
}

static void v1_without_memsw_turns_swappiness_off_where_there_is_swap(void **state)
{
	bool swap = cgroup_host_has_swap();
	char path[FAKE_PATH], text[32];

	fake.no_memsw = true;
	open_leaf(1);
	assert_int_equal(root.memory_swap, !swap);
	path_of("memory/kodewar/slot/lane0", path);
	fake_get(path, "memory.swappiness", text, sizeof(text));
	assert_string_equal(text, swap ? "0" : "60\n");
	prepare_logs(
		&(struct cgroup_limits){ .memory_bytes = MB, .pids = 1 },
		"memory.limit_in_bytes=1048576;pids.max=1;cpu.cfs_quota_us=-1;memory.max_usage_in_bytes=0;");
}

static void a_failed_limit_is_told_and_all_are_written_again(void **state)
{
	struct cgroup_limits l = usual;

	open_leaf(1);
	assert_int_equal(cgroup_leaf_prepare(&leaf, &l, &err), 0);
	l.memory_bytes = MB;
	fake.fail_file = "memory.limit_in_bytes";
	fake.fail_errno = EBUSY;
	assert_int_equal(cgroup_leaf_prepare(&leaf, &l, &err), -EBUSY);
	assert_non_null(strstr(err.text, "memory.limit_in_bytes"));
	prepare_logs(&usual, "memory.memsw.limit_in_bytes=-1;memory.limit_in_bytes=67108864;"
			     "memory.memsw.limit_in_bytes=67108864;pids.max=10;"
			     "cpu.cfs_quota_us=-1;cpu.cfs_period_us=10000;cpu.cfs_quota_us=10000;"
			     "memory.max_usage_in_bytes=0;");
}

static void zero_limits_are_refused(void **state)
{
	struct cgroup_limits l = usual;

	open_leaf(2);
	l.pids = 0;
	assert_int_equal(cgroup_leaf_prepare(&leaf, &l, &err), -EINVAL);
	l = usual;
	l.memory_bytes = 0;
	assert_int_equal(cgroup_leaf_prepare(&leaf, &l, &err), -EINVAL);
	assert_string_equal(fake.log, "");
}

static void fractions_of_a_cpu_keep_the_least_quota(void **state)
{
	static const unsigned rows[][3] = { { 1000, 10000, 10000 },
					    { 2500, 10000, 25000 },
					    { 100, 10000, 1000 },
					    { 50, 20000, 1000 },
					    { 1, 1000000, 1000 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cgroup_bandwidth b = cgroup_bandwidth(rows[i][0]);

		assert_int_equal(b.period_usec, rows[i][1]);
		assert_int_equal(b.quota_usec, rows[i][2]);
	}
}

static void v2_writes_limits_once(void **state)
{
	struct cgroup_limits l = usual;

	open_leaf(2);
	prepare_logs(&l, "memory.max=67108864;pids.max=10;cpu.max=10000 10000;memory.peak=reset;");
	prepare_logs(&l, "memory.peak=reset;");
	l.cpus_milli = 0;
	prepare_logs(&l, "cpu.max=max;memory.peak=reset;");
}

static void v2_forbids_swap_and_kills_as_a_group(void **state)
{
	open_leaf(2);
	assert_true(root.memory_swap);
	assert_int_equal(fake_number(fake.base, "kodewar/slot/lane0/memory.swap.max"), 0);
	assert_int_equal(fake_number(fake.base, "kodewar/slot/lane0/memory.oom.group"), 1);
	tear_down(NULL);

	fake.no_oom_group = true;
	fake_make(2);
	assert_int_equal(cgroup_root_open(&root, fake.base, "slot", &err), 0);
	assert_int_equal(cgroup_leaf_open(&root, 0, &leaf, &err), -ENOENT);
	assert_non_null(strstr(err.text, "memory.oom.group"));
	assert_false(exists("kodewar/slot/lane0"));
}

static void io_follows_its_device(void **state)
{
	struct cgroup_limits l = usual;

	l.io_major = 8;
	l.io_bytes_per_sec = 1000;
	open_leaf(1);
	assert_int_equal(cgroup_leaf_prepare(&leaf, &usual, &err), 0);
	prepare_logs(
		&l,
		"blkio.throttle.read_bps_device=8:0 1000;blkio.throttle.write_bps_device=8:0 1000;"
		"memory.max_usage_in_bytes=0;");
	l.io_minor = 16;
	prepare_logs(
		&l,
		"blkio.throttle.read_bps_device=8:0 0;blkio.throttle.write_bps_device=8:0 0;"
		"blkio.throttle.read_bps_device=8:16 1000;blkio.throttle.write_bps_device=8:16 1000;"
		"memory.max_usage_in_bytes=0;");
	tear_down(NULL);

	open_leaf(2);
	assert_int_equal(cgroup_leaf_prepare(&leaf, &usual, &err), 0);
	prepare_logs(&l, "io.max=8:16 rbps=1000 wbps=1000;memory.peak=reset;");
	l.io_bytes_per_sec = 0;
	prepare_logs(&l, "io.max=8:16 rbps=max wbps=max;memory.peak=reset;");
	prepare_logs(&l, "memory.peak=reset;");
}

static void an_optional_controller_may_be_absent(void **state)
{
	struct cgroup_limits l = usual;

	l.io_major = 8;
	l.io_bytes_per_sec = 1000;
	fake.no_io = true;
	open_leaf(2);
	assert_int_equal(root.present & (1u << CGROUP_IO), 0);
	prepare_logs(&l, "memory.max=67108864;pids.max=10;cpu.max=10000 10000;memory.peak=reset;");
}

static void only_rises_since_prepare_are_read(void **state)
{
	static const char *const lane = "kodewar/slot/lane0";
	struct cgroup_reading r;

	open_leaf(2);
	put(lane, "memory.events", "oom 9\noom_kill 3\noom_group_kill 8\n");
	put(lane, "pids.events", "max 5\n");
	assert_int_equal(cgroup_leaf_prepare(&leaf, &usual, &err), 0);
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), 0);
	assert_int_equal(r.oom_kills, 0);
	assert_int_equal(r.pids_events, 0);
	put(lane, "memory.events", "oom 10\noom_kill 4\noom_group_kill 9\n");
	put(lane, "pids.events", "max 7\n");
	assert_false(r.throttled_known);
	put(lane, "cpu.stat",
	    "usage_usec 5000\nuser_usec 1\nnr_periods 4\nnr_throttled 3\nthrottled_usec 700\n");
	put(lane, "memory.peak", "777216\n");
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), 0);
	assert_int_equal(r.oom_kills, 1);
	assert_int_equal(r.pids_events, 2);
	assert_int_equal(r.cpu_usec, 5000);
	assert_true(r.throttled_known);
	assert_int_equal(r.throttled_usec, 700);
	assert_int_equal(r.cpu_periods, 4);
	assert_int_equal(r.memory_peak_bytes, 777216);
	assert_int_equal(r.memory_bytes, 4096);
}

static void what_stood_still_is_told_once(void **state)
{
	static const char *const lane = "cpu/kodewar/slot/lane0";
	struct cgroup_reading r;

	open_leaf(1);
	put(lane, "cpu.stat", "nr_periods 9\nnr_throttled 2\nthrottled_time 2500000\n");
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), 0);
	assert_true(r.throttled_known);
	assert_int_equal(r.throttled_usec, 2500);
	assert_int_equal(r.cpu_periods, 9);
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), 0);
	assert_int_equal(r.throttled_usec, 0);
	assert_int_equal(r.cpu_periods, 0);
	/* The end of one box is not the next one's. */
	put(lane, "cpu.stat", "nr_periods 19\nnr_throttled 9\nthrottled_time 9500000\n");
	assert_int_equal(cgroup_leaf_prepare(&leaf, &usual, &err), 0);
	put(lane, "cpu.stat", "nr_periods 20\nnr_throttled 10\nthrottled_time 9600000\n");
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), 0);
	assert_int_equal(r.throttled_usec, 100);
	assert_int_equal(r.cpu_periods, 1);
	put(lane, "cpu.stat", "nr_periods 9\n");
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), 0);
	assert_false(r.throttled_known);
}

static void odd_contents_are_failures(void **state)
{
	static const char *const rows[][2] = {
		{ "memory.oom_control", "under_oom 0\n" },
		{ "memory.oom_control", "oom_kill many\n" },
		{ "memory.oom_control", "oom_kill 0\n" }, /* fell: 1 at prepare */
		{ "memory.usage_in_bytes", "" },
	};
	static const char *const lane = "memory/kodewar/slot/lane0";
	struct cgroup_reading r = { .oom_kills = 99 };
	uint64_t usec = 99;

	open_leaf(1);
	put(lane, "memory.oom_control", "oom_kill 1\n");
	assert_int_equal(cgroup_leaf_prepare(&leaf, &usual, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		put(lane, rows[i][0], rows[i][1]);
		assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), -EBADMSG);
		assert_int_equal(r.oom_kills, 99);
		put(lane, "memory.oom_control", "oom_kill 1\n");
	}
	put("cpuacct/kodewar/slot/lane0", "cpuacct.usage", "none\n");
	assert_int_equal(cgroup_leaf_cpu_usec(&leaf, &usec), -EBADMSG);
	put(lane, "memory.stat", "rss 0\n");
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), -EBADMSG);
}

static void unreadable_files_are_failures(void **state)
{
	struct cgroup_reading r;
	uint64_t usec;
	int fd;

	open_leaf(2);
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(dup3(fd, leaf.files[FILE_PIDS_NOW], O_CLOEXEC), leaf.files[FILE_PIDS_NOW]);
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), -EBADF);
	assert_int_equal(dup3(fd, leaf.usage_fd, O_CLOEXEC), leaf.usage_fd);
	assert_int_equal(cgroup_leaf_cpu_usec(&leaf, &usec), -EBADF);
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), -EBADF);
	assert_non_null(strstr(err.text, "cpu.stat"));
	close(fd);
}

static void clean_means_no_task_and_no_charge(void **state)
{
	struct cgroup_reading r;

	open_leaf(1);
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 0);
	put("pids/kodewar/slot/lane0", "pids.current", "1\n");
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 1);
	assert_int_equal(r.pids, 1);
	put("pids/kodewar/slot/lane0", "pids.current", "0\n");
	put("memory/kodewar/slot/lane0", "memory.stat",
	    "rss 1\ntotal_rss 1\ntotal_shmem 4000000000\ntotal_swap 2\n");
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 1);
	assert_int_equal(r.charged_bytes, 4000000003);
	tear_down(NULL);

	open_leaf(2);
	put("kodewar/slot/lane0", "memory.swap.current", "2000000000\n");
	put("kodewar/slot/lane0", "memory.stat", "anon 1\nshmem 2000000000\nswapcached 3\n");
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 1);
	assert_int_equal(r.charged_bytes, 4000000004);
}

static void a_charge_within_the_kernels_lag_is_believed_for_ten_seconds(void **state)
{
	static const char *const lane = "memory/kodewar/slot/lane0";
	struct cgroup_reading r;

	open_leaf(1);
	put(lane, "memory.stat", "total_rss 4096\ntotal_shmem 0\n");
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 0);
	assert_int_equal(r.charged_bytes, 4096);
	assert_true(leaf.doubt_nsec > 0);
	leaf.doubt_nsec = clock_now_nsec() - 11 * NSEC_PER_SEC;
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 1);
	put(lane, "memory.stat", "total_rss 0\ntotal_shmem 0\n");
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 0);
	assert_int_equal(leaf.doubt_nsec, 0);
}

static void an_old_peak_needs_a_fresh_child_per_box(void **state)
{
	struct cgroup_reading r;
	int fd;

	fake.old_peak = true;
	open_leaf(2);
	assert_false(leaf.peak_resettable);
	assert_true(exists("kodewar/slot/lane0/g1"));
	prepare_logs(&usual, "memory.max=67108864;pids.max=10;cpu.max=10000 10000;");
	assert_int_equal(leaf.generation, 1);
	put("kodewar/slot/lane0/g1", "memory.peak", "5000000\n");
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), 0);
	assert_int_equal(r.memory_peak_bytes, 5000000);
	fd = leaf.memory_fd;
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 0);
	assert_false(exists("kodewar/slot/lane0/g1"));
	assert_true(exists("kodewar/slot/lane0/g2"));
	assert_true(leaf.memory_fd == leaf.files[FILE_MEMORY_NOW] &&
		    (leaf.memory_fd != fd || fd >= 0));
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), 0);
	assert_int_equal(r.memory_peak_bytes, 8192);
	prepare_logs(&usual, ""); /* made beforehand */
	prepare_logs(&usual, ""); /* nobody settled: made now */
	assert_int_equal(leaf.generation, 3);
	fake.busy_removals = 1;
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 1);
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 0);
	assert_int_equal(leaf.generation, 4);
}

static void no_peak_at_all_reads_as_zero(void **state)
{
	struct cgroup_reading r;

	fake.no_peak = true;
	open_leaf(2);
	assert_int_equal(leaf.generation, 0);
	assert_int_equal(cgroup_leaf_prepare(&leaf, &usual, &err), 0);
	assert_int_equal(cgroup_leaf_read(&leaf, &r, &err), 0);
	assert_int_equal(r.memory_peak_bytes, 0);
}

static void usage_is_parsed_in_both_forms(void **state)
{
	assert_int_equal(cgroup_parse_cpu_usec(1, "1234567\n"), 1234);
	assert_int_equal(cgroup_parse_cpu_usec(2, "usage_usec 42\nuser_usec 40\n"), 42);
	assert_int_equal(cgroup_parse_cpu_usec(2, "user_usec 40\n"), 0);
	assert_int_equal(cgroup_parse_number("18446744073709551615"), UINT64_MAX);
	assert_int_equal(cgroup_parse_number("max"), 0);
}

#define ROW(f) cmocka_unit_test_teardown(f, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(v1_writes_memory_in_the_order_the_kernel_takes),
		ROW(v1_without_memsw_turns_swappiness_off_where_there_is_swap),
		ROW(a_failed_limit_is_told_and_all_are_written_again),
		ROW(zero_limits_are_refused),
		ROW(fractions_of_a_cpu_keep_the_least_quota),
		ROW(v2_writes_limits_once),
		ROW(v2_forbids_swap_and_kills_as_a_group),
		ROW(io_follows_its_device),
		ROW(an_optional_controller_may_be_absent),
		ROW(only_rises_since_prepare_are_read),
		ROW(what_stood_still_is_told_once),
		ROW(odd_contents_are_failures),
		ROW(unreadable_files_are_failures),
		ROW(clean_means_no_task_and_no_charge),
		ROW(a_charge_within_the_kernels_lag_is_believed_for_ten_seconds),
		ROW(an_old_peak_needs_a_fresh_child_per_box),
		ROW(no_peak_at_all_reads_as_zero),
		ROW(usage_is_parsed_in_both_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

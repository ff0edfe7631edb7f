/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the groups of an instance come and go, on fake trees (cgroup_fake.h): which hierarchies are found and
 * joined, who owns a slot, what is killed and removed and what never is.  What happens per box is
 * test_cgroup.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cgroup_fake.h"
#include "kernel/cgroup.h"

static void make_dir(const char *below)
{
	_cleanup_close_ int base = open(fake.base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(mkdirat(base, below, 0755), 0);
}

static void finds_the_version(void **state)
{
	static const int layouts[][2] = { { 1, 1 }, { 12, 1 }, { 2, 2 }, { 3, 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		open_leaf(layouts[i][0]);
		assert_int_equal(root.version, layouts[i][1]);
		assert_int_equal(root.present, (1u << CGROUP_CONTROLLERS) - 1);
		tear_down(NULL);
	}
	fake_make(0);
	assert_int_equal(cgroup_root_open(&root, fake.base, "slot", &err), -ENOTSUP);
}

static void missing_controllers_are_named_and_nothing_stays(void **state)
{
	char path[FAKE_PATH];

	fake_make(1);
	path_of("pids/cgroup.procs", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(cgroup_root_open(&root, fake.base, "slot", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "missing controllers: pids"));
	assert_false(exists("memory/kodewar"));
	fake_drop();

	fake.no_memory = fake.no_pids = true;
	fake_make(2);
	assert_int_equal(cgroup_root_open(&root, fake.base, "slot", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "missing controllers: memory pids"));
	assert_false(exists("kodewar"));
}

static void bad_slot_names_are_refused(void **state)
{
	static const char *const names[] = { "", ".", "..", "a/b",
					     "a-name-of-more-than-thirty-one-bytes" };

	fake_make(2);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(cgroup_root_open(&root, fake.base, names[i], &err), -EINVAL);
	assert_false(exists("kodewar"));
}

static void joint_hierarchies_are_joined_once(void **state)
{
	open_leaf(1);
	assert_int_equal(leaf.njoin, 5);
	tear_down(NULL);
	open_leaf(12);
	assert_int_equal(leaf.njoin, 4);
	tear_down(NULL);
	open_leaf(2);
	assert_int_equal(leaf.njoin, 1);
}

static void joining_control_writes_the_pid_everywhere(void **state)
{
	open_leaf(1);
	assert_int_equal(cgroup_join_control(&root, 77, &err), 0);
	assert_string_equal(fake.log,
			    "cgroup.procs=77;cgroup.procs=77;cgroup.procs=77;cgroup.procs=77;"
			    "cgroup.procs=77;");
	fake.fail_file = "cgroup.procs";
	fake.fail_errno = ESRCH;
	assert_int_equal(cgroup_join_control(&root, 77, &err), -ESRCH);
}

static void only_ourselves_are_moved_out_of_the_top(void **state)
{
	char pids[64];

	fake_make(2);
	snprintf(pids, sizeof(pids), "%d\n%d\n", (int)getpid(), (int)getppid());
	fake_put(fake.base, "cgroup.procs", pids);
	assert_int_equal(cgroup_root_open(&root, fake.base, "slot", &err), -EBUSY);
	assert_non_null(strstr(err.text, "holds other processes"));
	tear_down(NULL);

	fake_make(2);
	snprintf(pids, sizeof(pids), "%d\n", (int)getpid());
	fake_put(fake.base, "cgroup.procs", pids);
	assert_int_equal(cgroup_root_open(&root, fake.base, "slot", &err), 0);
}

static void leftovers_are_killed_and_removed_but_not_ourselves(void **state)
{
	char pids[64];
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	fake_make(2);
	make_dir("kodewar");
	make_dir("kodewar/slot");
	make_dir("kodewar/slot/ctl");
	make_dir("kodewar/slot/lane7");
	make_dir("kodewar/slot/lane7/g3");
	/* 0: a task of another pid namespace; as a pid it would be our own process group. */
	snprintf(pids, sizeof(pids), "0\n%d\n", (int)child);
	put("kodewar/slot/lane7/g3", "cgroup.procs", pids + 2);
	snprintf(pids, sizeof(pids), "0\n%d\n", (int)getpid());
	put("kodewar/slot/ctl", "cgroup.procs", pids);
	assert_int_equal(cgroup_root_open(&root, fake.base, "slot", &err), 0);
	assert_false(exists("kodewar/slot/lane7"));
	assert_int_equal(waitpid(child, NULL, 0), -1); /* the fake reaped it */
	put("kodewar/slot/ctl", "cgroup.procs", "");
}

static void a_slot_has_one_owner(void **state)
{
	struct cgroup_root other;

	open_leaf(2);
	assert_int_equal(cgroup_root_open(&other, fake.base, "slot", &err), -EBUSY);
	assert_true(exists("kodewar/slot/lane0"));
	assert_int_equal(cgroup_root_open(&other, fake.base, "another", &err), 0);
	cgroup_root_close(&other);
	assert_false(exists("kodewar/another"));
	cgroup_leaf_close(&leaf);
	cgroup_root_close(&root);
	assert_false(exists("kodewar"));
	assert_int_equal(cgroup_root_open(&root, fake.base, "slot", &err), 0);
}

static void an_occupied_lane_is_refused(void **state)
{
	struct cgroup_leaf second;
	char pid[24];

	open_leaf(1);
	snprintf(pid, sizeof(pid), "%d\n", (int)getppid());
	put("memory/kodewar/slot/lane0", "cgroup.procs", pid);
	assert_int_equal(cgroup_leaf_open(&root, 0, &second, &err), -EBUSY);
	assert_non_null(strstr(err.text, "lane0"));
	put("memory/kodewar/slot/lane0", "cgroup.procs", "");
}

static void removal_waits_for_the_last_to_go(void **state)
{
	open_leaf(1);
	fake.busy_removals = 3;
	cgroup_leaf_close(&leaf);
	assert_false(exists("memory/kodewar/slot/lane0"));
	fake.busy_removals = 3;
	cgroup_root_close(&root);
	assert_false(exists("memory/kodewar"));
	assert_false(exists("blkio/kodewar"));
}

#define ROW(f) cmocka_unit_test_teardown(f, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(finds_the_version),
		ROW(missing_controllers_are_named_and_nothing_stays),
		ROW(bad_slot_names_are_refused),
		ROW(joint_hierarchies_are_joined_once),
		ROW(joining_control_writes_the_pid_everywhere),
		ROW(only_ourselves_are_moved_out_of_the_top),
		ROW(leftovers_are_killed_and_removed_but_not_ourselves),
		ROW(a_slot_has_one_owner),
		ROW(an_occupied_lane_is_refused),
		ROW(removal_waits_for_the_last_to_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup drivers on the kernel that is running, whichever version it has: a child is put into a leaf
 * and each limit must bite.  Skipped, not passed, where groups cannot be made (no root, read-only mount,
 * controllers missing).  Children are bounded: they allocate at most 64 MiB, fork at most 10 times,
 * burn 60 ms, and die with us.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/cgroup.h"

#define BASE "/sys/fs/cgroup"
#define MB (1024u * 1024u)

static struct cgroup_root root;
static struct cgroup_leaf leaf;
static struct err err;
static char slot[32];
static int answer[2]; /* what a child found out */

static const struct cgroup_limits usual = { .memory_bytes = 64 * MB,
					    .pids = 16,
					    .cpus_milli = 1000 };

static int set_up(void **state)
{
	int r;

	snprintf(slot, sizeof(slot), "unit-%d", (int)getpid());
	r = cgroup_root_open(&root, BASE, slot, &err);
	if (r == 0) {
		r = cgroup_leaf_open(&root, 0, &leaf, &err);
		if (r == 0)
			return pipe2(answer, O_CLOEXEC);
	}
	cgroup_root_close(&root);
	/* EBUSY: a container whose own processes are in the way. */
	if (r == -EACCES || r == -EPERM || r == -EROFS || r == -ENOTSUP || r == -ENOENT ||
	    r == -EBUSY)
		return 0;
	print_error("%s\n", err.text);
	return -1;
}

static int tear_down(void **state)
{
	if (!root.ops)
		return 0;
	close(answer[0]);
	close(answer[1]);
	cgroup_leaf_close(&leaf);
	cgroup_root_close(&root);
	return 0;
}

static void need_groups(void)
{
	if (!root.ops) {
		print_message("no cgroups to be had: %s\n", err.text);
		skip();
	}
}

static void prepare(const struct cgroup_limits *l)
{
	if (cgroup_leaf_prepare(&leaf, l, &err) < 0)
		fail_msg("%s", err.text);
}

/* fork() into the leaf, the way a launcher does it: 0 in the child. */
static pid_t fork_into_leaf(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t pid;

	if (root.version == 2) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)leaf.join_fds[0];
	}
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0; root.version == 1 && i < leaf.njoin; i++)
		if (write(leaf.join_fds[i], "0", 1) != 1)
			_exit(99);
	return 0;
}

static int wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void read_leaf(struct cgroup_reading *r)
{
	if (cgroup_leaf_read(&leaf, r, &err) < 0)
		fail_msg("%s", err.text);
}

static void touch(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(98);
	for (size_t i = 0; i < bytes; i += 4096)
		((volatile char *)p)[i] = 1;
}

static void the_pids_limit_bites(void **state)
{
	struct cgroup_limits l = usual;
	struct cgroup_reading r;
	unsigned char forked = 0;
	pid_t pid;

	need_groups();
	l.pids = 4;
	prepare(&l);
	pid = fork_into_leaf();
	if (pid == 0) {
		unsigned char n = 0;

		for (int i = 0; i < 10; i++) {
			pid_t child = fork();

			if (child == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				for (;;)
					pause();
			}
			n += child > 0;
		}
		if (write(answer[1], &n, 1) != 1)
			_exit(97);
		for (;;)
			pause();
	}
	assert_int_equal(read(answer[0], &forked, 1), 1);
	assert_int_equal(forked, 3);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(cgroup_leaf_kill(&leaf), 0);
	assert_true(WIFSIGNALED(wait_for(pid)));
	for (int i = 0; i < forked; i++)
		assert_true(wait(NULL) > 0); /* its children are ours now */
	read_leaf(&r);
	assert_int_equal(r.pids_events, 7);
	prepare(&usual);
	read_leaf(&r);
	assert_int_equal(r.pids_events, 0);
}

static void the_memory_limit_kills_and_is_counted(void **state)
{
	struct cgroup_limits l = usual;
	struct cgroup_reading r;
	struct pollfd p;
	int status;
	pid_t pid;

	need_groups();
	l.memory_bytes = 16 * MB;
	prepare(&l);
	p = (struct pollfd){ .fd = leaf.oom_fd, .events = POLLIN };
	assert_int_equal(p.fd >= 0, root.version == 1);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(cgroup_leaf_ran_out(&leaf), 0);
	pid = fork_into_leaf();
	if (pid == 0) {
		touch(64 * MB);
		_exit(0);
	}
	status = wait_for(pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	if (p.fd >= 0)
		assert_int_equal(poll(&p, 1, 0), 1);
	assert_int_equal(cgroup_leaf_ran_out(&leaf), 1);
	read_leaf(&r);
	/* With memory.oom.group the kernel counts its first victim twice. */
	assert_in_range(r.oom_kills, 1, 2);
	/* v2 counts a child before it asks its parent, so a refused page or batch shows. */
	assert_in_range(r.memory_peak_bytes, 15 * MB, 18 * MB);
	prepare(&l);
	read_leaf(&r);
	assert_int_equal(r.oom_kills, 0);
	assert_int_equal(cgroup_leaf_ran_out(&leaf), 0);
	assert_int_equal(poll(&p, 1, 0), 0);
}

static void cpu_time_is_counted(void **state)
{
	uint64_t before, after;
	pid_t pid;

	need_groups();
	prepare(&usual);
	assert_int_equal(cgroup_leaf_cpu_usec(&leaf, &before), 0);
	pid = fork_into_leaf();
	if (pid == 0) {
		struct timespec t = { 0 };

		while (t.tv_sec == 0 && t.tv_nsec < 60000000)
			clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
		_exit(0);
	}
	assert_int_equal(wait_for(pid), 0);
	assert_int_equal(cgroup_leaf_cpu_usec(&leaf, &after), 0);
	/* The child counted from its fork, a little of it before it joined. */
	assert_in_range(after - before, 50000, 1000000);
}

static void each_box_has_its_own_peak(void **state)
{
	struct cgroup_reading big, small, clean;

	need_groups();
	for (int i = 0; i < 2; i++) {
		pid_t pid;

		prepare(&usual);
		pid = fork_into_leaf();
		if (pid == 0) {
			touch(i ? MB : 24 * MB);
			_exit(0);
		}
		assert_int_equal(wait_for(pid), 0);
		read_leaf(i ? &small : &big);
		if (i == 0)
			assert_int_equal(cgroup_leaf_check_clean(&leaf, &clean, &err), 0);
	}
	assert_in_range(big.memory_peak_bytes, 24 * MB, 40 * MB);
	assert_in_range(small.memory_peak_bytes, MB, 16 * MB);
}

static void shared_memory_left_behind_is_seen(void **state)
{
	_cleanup_close_ int fd = memfd_create("left", MFD_CLOEXEC);
	struct cgroup_reading r;
	pid_t pid;

	need_groups();
	assert_true(fd >= 0);
	prepare(&usual);
	pid = fork_into_leaf();
	if (pid == 0) {
		char *p = ftruncate(fd, 32 * MB) < 0
				  ? MAP_FAILED
				  : mmap(NULL, 32 * MB, PROT_WRITE, MAP_SHARED, fd, 0);

		if (p == MAP_FAILED)
			_exit(98);
		memset(p, 1, 32 * MB);
		_exit(0);
	}
	assert_int_equal(wait_for(pid), 0);
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 1);
	assert_int_equal(r.pids, 0);
	assert_true(r.charged_bytes >= 32 * MB);
	close(TAKE_FD(fd));
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 0);
}

static void a_living_task_is_not_clean(void **state)
{
	struct cgroup_reading r;
	pid_t pid;
	char c = 'x';

	need_groups();
	prepare(&usual);
	pid = fork_into_leaf();
	if (pid == 0) {
		if (write(answer[1], &c, 1) != 1)
			_exit(97);
		for (;;)
			pause();
	}
	assert_int_equal(read(answer[0], &c, 1), 1);
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 1);
	assert_int_equal(r.pids, 1);
	assert_int_equal(cgroup_leaf_kill(&leaf), 0);
	assert_true(WIFSIGNALED(wait_for(pid)));
	assert_int_equal(cgroup_leaf_check_clean(&leaf, &r, &err), 0);
}

static void limits_move_both_ways(void **state)
{
	static const unsigned mb[] = { 64, 256, 16, 16, 512 };
	static const unsigned milli[] = { 1000, 50, 2500, 0, 1000 };
	struct cgroup_limits l = usual;

	need_groups();
	for (size_t i = 0; i < ARRAY_SIZE(mb); i++) {
		const char *file = root.version == 2 ? "memory.max" : "memory.limit_in_bytes";
		uint64_t v;

		l.memory_bytes = (uint64_t)mb[i] * MB;
		l.cpus_milli = milli[i];
		prepare(&l);
		assert_int_equal(fd_read_u64_at(leaf.dirfds[0], file, &v), 0);
		assert_int_equal(v, l.memory_bytes);
	}
}

static void disk_throttles_are_taken(void **state)
{
	const char *file = root.version == 2 ? "io.max" : "blkio.throttle.read_bps_device";
	struct cgroup_limits l = usual;
	char path[64], text[256];
	struct stat st;

	need_groups();
	if (!(root.present & (1u << CGROUP_IO)) || stat("/", &st) < 0)
		skip();
	/* A whole disk; a partition has this file, and a root without a disk has no directory. */
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	if (access(path, F_OK) < 0)
		skip();
	strcat(path, "/partition");
	if (access(path, F_OK) == 0)
		skip();
	l.io_major = major(st.st_dev);
	l.io_minor = minor(st.st_dev);
	l.io_bytes_per_sec = 50000000;
	prepare(&l);
	assert_true(fd_read_text_at(leaf.dirfds[root.version == 2 ? 0 : CGROUP_IO], file, text,
				    sizeof(text)) > 0);
	assert_non_null(strstr(text, "50000000"));
	assert_int_equal(cgroup_leaf_lift_io(&leaf), 0);
	assert_true(fd_read_text_at(leaf.dirfds[root.version == 2 ? 0 : CGROUP_IO], file, text,
				    sizeof(text)) >= 0);
	assert_null(strstr(text, "50000000"));
	prepare(&l);
	assert_true(fd_read_text_at(leaf.dirfds[root.version == 2 ? 0 : CGROUP_IO], file, text,
				    sizeof(text)) > 0);
	assert_non_null(strstr(text, "50000000"));
	prepare(&usual);
	assert_true(fd_read_text_at(leaf.dirfds[root.version == 2 ? 0 : CGROUP_IO], file, text,
				    sizeof(text)) >= 0);
	assert_null(strstr(text, "50000000"));
}

static void nothing_stays_behind(void **state)
{
	static const char *const tops[] = { "",		"/memory", "/pids",   "/cpu",
					    "/cpuacct", "/blkio",  "/unified" };
	char path[96];
	int seen = 0;

	need_groups();
	for (int after = 0; after < 2; after++) {
		for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
			snprintf(path, sizeof(path), BASE "%s/kodewar/%s", tops[i], slot);
			seen += access(path, F_OK) == 0 ? 1 : 0;
		}
		if (!after) {
			assert_true(seen > 0);
			seen = 0;
			tear_down(NULL);
		}
	}
	assert_int_equal(seen, 0);
	assert_int_equal(pipe2(answer, O_CLOEXEC), 0);
}

static void a_dead_owners_tasks_are_ended(void **state)
{
	struct cgroup_root second;
	pid_t pid;
	char c = 'x';

	need_groups();
	prepare(&usual);
	pid = fork_into_leaf();
	if (pid == 0) {
		if (write(answer[1], &c, 1) != 1)
			_exit(97);
		/* The lock is its owner's, who closes all; we must not hold a copy. */
		for (int c2 = 0; c2 < CGROUP_CONTROLLERS; c2++)
			if (root.dirfds[c2] >= 0)
				close(root.dirfds[c2]);
		if (write(answer[1], &c, 1) != 1)
			_exit(97);
		for (;;)
			pause();
	}
	assert_int_equal(read(answer[0], &c, 1), 1);
	assert_int_equal(read(answer[0], &c, 1), 1);
	assert_int_equal(cgroup_root_open(&second, BASE, slot, &err), -EBUSY);
	/* Die: all that the kernel would close for us. */
	for (int i = 0; i < CGROUP_CONTROLLERS; i++) {
		closep(&root.dirfds[i]);
		root.dirfds[i] = -1;
	}
	signal(SIGCHLD, SIG_IGN); /* as init would, reap it at once */
	if (cgroup_root_open(&second, BASE, slot, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(kill(pid, 0), -1);
	signal(SIGCHLD, SIG_DFL);
	root = second;
}

#define ROW(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(the_pids_limit_bites),
		ROW(the_memory_limit_kills_and_is_counted),
		ROW(cpu_time_is_counted),
		ROW(each_box_has_its_own_peak),
		ROW(shared_memory_left_behind_is_seen),
		ROW(a_living_task_is_not_clean),
		ROW(limits_move_both_ways),
		ROW(disk_throttles_are_taken),
		ROW(nothing_stays_behind),
		ROW(a_dead_owners_tasks_are_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

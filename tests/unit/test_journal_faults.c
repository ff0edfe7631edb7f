/* SPDX-License-Identifier: Apache-2.0 */
/* What was accepted is there after a kill, a full disk, a corrupt file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal_place.h"

#define BIG_BYTES 60000u

/* ---- kill -9 ---- */

/* Writes down each id that was told to be on disk, by a write of its own; never ends by itself. */
static void hammer(const struct place *p, int out)
{
	struct told t = { 0 };
	struct journal *j;
	char id[16];

	assert_true(sd_event_new(&loop) >= 0);
	j = place_open(p, 1 << 30, 0);
	for (unsigned n = 0;; n++) {
		unsigned first = t.calls;

		for (unsigned i = 0; i < 4; i++) {
			snprintf(id, sizeof(id), "%u-%u", n, i);
			place_accept(j, id, id, 500, &t);
			if (i == 3)
				journal_end(j, id, "{}", 2, told_note, &t);
		}
		told_await(&t, first + 5);
		if (write(out, &n, sizeof(n)) != sizeof(n))
			_exit(1);
	}
}

/* What was said to be accepted is there, whenever the process is killed; what has ended has ended. */
static void test_killed_at_random_points(void **state)
{
	struct place p;

	for (unsigned round = 0; round < 12; round++) {
		unsigned groups = 0, n;
		struct told open, found = { 0 };
		struct journal *j;
		char id[16];
		int fds[2];
		pid_t pid;

		place_make(&p);
		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		pid = fork();
		if (pid == 0)
			hammer(&p, fds[1]);
		close(fds[1]);
		for (unsigned i = 0; i <= round; i++) /* it is at work */
			assert_int_equal(read(fds[0], &n, sizeof(n)), sizeof(n));
		usleep(round * 1300); /* any point will do */
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		groups = n + 1;
		while (read(fds[0], &n, sizeof(n)) == sizeof(n))
			groups = n + 1;
		close(fds[0]);
		j = place_open(&p, 1 << 30, 0);
		open = place_count_open(j);
		assert_in_range(open.calls, 3 * groups, 3 * groups + 4);
		snprintf(id, sizeof(id), "%u-3", groups - 1);
		journal_find(j, "t", id, told_note, &found);
		told_await(&found, 1);
		assert_string_equal(found.result, "{}");
		journal_close(j);
		place_done(&p);
	}
}

/* ---- a full disk ---- */

static bool mount_small(struct place *p, const char *options)
{
	p->mounted = mount("tmpfs", p->dir, "tmpfs", 0, options) == 0;
	return p->mounted;
}

/* As much of it as fits. */
static void fill_file(const char *path, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	static const char zeros[4096];

	assert_true(fd >= 0);
	for (size_t n = 0; n < len && write(fd, zeros, sizeof(zeros)) > 0; n += sizeof(zeros))
		;
	close(fd);
}

/* Jobs are refused, results of those that were accepted are still written; with room jobs are taken again. */
static void test_a_full_disk(void **state)
{
	static char result[BIG_BYTES];
	struct told t = { 0 }, ends = { 0 };
	struct journal_counts counts;
	struct place p;
	struct journal *j;
	unsigned accepted;
	char id[16], somebody[128], rest[128];

	place_make(&p);
	if (geteuid() != 0 || !mount_small(&p, "size=9m,mode=0700"))
		fail_msg("needs root, for a small tmpfs");
	j = place_open(&p, 64 << 20, 1 << 20);
	snprintf(somebody, sizeof(somebody), "%s/somebody-else", p.dir);
	fill_file(somebody, 3 << 20);
	for (unsigned i = 0; t.last == 0 && i < 500; i++) {
		snprintf(id, sizeof(id), "%u", i);
		place_accept(j, id, "", BIG_BYTES, &t);
		told_await(&t, i + 1);
	}
	assert_int_equal(t.last, -ENOSPC);
	accepted = t.good;
	assert_in_range(accepted, 5, 400);
	snprintf(rest, sizeof(rest), "%s/rest", p.dir); /* to the last byte */
	fill_file(rest, 64 << 20);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "%u", i);
		journal_end(j, id, result, sizeof(result), told_note, &ends);
	}
	told_await(&ends, 5);
	if (ends.good != 5)
		fail_msg("%u results, the last %d", ends.good, ends.last);
	place_accept(j, "late", "", 10, &t);
	told_await(&t, t.calls + 1);
	assert_int_equal(t.last, -ENOSPC);
	journal_count(j, &counts);
	assert_false(counts.takes);
	unlink(somebody);
	place_accept(j, "later", "", 10, &t);
	told_await(&t, t.calls + 1);
	assert_int_equal(t.last, 0);
	journal_count(j, &counts);
	assert_true(counts.takes);
	journal_close(j);
	j = place_open(&p, 64 << 20, 0);
	assert_int_equal(place_count_open(j).calls, accepted - 5 + 1);
	journal_close(j);
	place_done(&p);
}

static void test_a_disk_that_is_read_only(void **state)
{
	struct journal_config c = { .loop = loop, .keep_bytes = 1 << 20, .keep_sec = 3600 };
	struct journal *j = NULL;
	struct err err = ERR_INIT;
	struct place p;

	place_make(&p);
	if (geteuid() != 0 || !mount_small(&p, "size=6m,mode=0700"))
		fail_msg("needs root, for a small tmpfs");
	j = place_open(&p, 1 << 20, 0);
	journal_close(j);
	assert_int_equal(mount(NULL, p.dir, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	c.path = p.path;
	assert_true(journal_open(&c, &j, &err) < 0);
	assert_non_null(strstr(err.text, "it cannot be"));
	place_done(&p);
}

/* ---- a corrupt file ---- */

static void scribble(const char *path, off_t at, size_t len)
{
	int fd = open(path, O_WRONLY);
	char *junk = malloc(len);

	assert_true(fd >= 0 && junk);
	memset(junk, 0x5a, len);
	assert_int_equal(pwrite(fd, junk, len, at), len);
	close(fd);
	free(junk);
}

static unsigned count_aside(const struct place *p)
{
	char command[128], text[16] = "";
	FILE *f;

	snprintf(command, sizeof(command), "ls %s | grep -c 'corrupt-[0-9TZ]*$'", p->dir);
	f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	pclose(f);
	return (unsigned)atoi(text);
}

static void fill(const struct place *p, unsigned jobs)
{
	struct journal *j = place_open(p, 1 << 20, 0);
	struct told t = { 0 };
	char id[16];

	for (unsigned i = 0; i < jobs; i++) {
		snprintf(id, sizeof(id), "%u", i);
		place_accept(j, id, "", 3000, &t);
	}
	told_await(&t, jobs);
	journal_close(j);
}

static void test_no_database_at_all(void **state)
{
	struct told t = { 0 };
	struct place p;
	struct journal *j;

	place_make(&p);
	fill(&p, 3);
	scribble(p.path, 0, 4096);
	j = place_open(&p, 1 << 20, 0);
	assert_int_equal(place_count_open(j).calls, 0);
	assert_int_equal(count_aside(&p), 1);
	place_accept(j, "new", "", 10, &t);
	told_await(&t, 1);
	assert_int_equal(t.good, 1);
	journal_close(j);
	place_done(&p);
}

/* A page in the middle is broken: what can be read is taken over. */
static void test_what_can_be_read_is_saved(void **state)
{
	struct told open;
	struct place p;
	struct journal *j;
	struct stat st;

	place_make(&p);
	fill(&p, 100);
	assert_int_equal(stat(p.path, &st), 0);
	scribble(p.path, st.st_size / 4096 * 3 / 4 * 4096, 4096);
	j = place_open(&p, 1 << 20, 0);
	open = place_count_open(j);
	assert_in_range(open.calls, 10, 100);
	assert_int_equal(count_aside(&p), 1);
	journal_close(j);
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_at_random_points),
		cmocka_unit_test(test_a_full_disk),
		cmocka_unit_test(test_a_disk_that_is_read_only),
		cmocka_unit_test(test_no_database_at_all),
		cmocka_unit_test(test_what_can_be_read_is_saved),
	};

	return cmocka_run_group_tests(tests, journal_place_setup, journal_place_teardown);
}

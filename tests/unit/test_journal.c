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

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/journal.h"

#define BIG_BYTES 60000u

struct place {
	char dir[64], path[96];
	bool mounted;
};

struct told {
	unsigned calls, good;
	int last;
	char id[40], result[64];
	unsigned tries;
};

static sd_event *loop;

static void place_make(struct place *p)
{
	*p = (struct place){ .dir = "/tmp/kodewar-journal-XXXXXX" };
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/jobs.db", p->dir);
}

static void place_done(struct place *p)
{
	char command[96];

	if (p->mounted)
		assert_int_equal(umount(p->dir), 0);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	assert_int_equal(system(command), 0);
}

static struct journal *open_journal(const struct place *p, uint64_t keep_bytes, uint64_t reserve)
{
	const struct journal_config c = { .loop = loop,
					  .path = p->path,
					  .keep_sec = 3600,
					  .keep_bytes = keep_bytes,
					  .reserve_bytes = reserve };
	struct journal *j = NULL;
	struct err err = ERR_INIT;

	if (journal_open(&c, &j, &err) < 0)
		fail_msg("%s", err.text);
	return j;
}

static void on_told(void *user, int result, const struct journal_entry *e)
{
	struct told *t = user;

	t->calls++;
	t->good += result == 0;
	t->last = result;
	if (!e)
		return;
	snprintf(t->id, sizeof(t->id), "%s", e->id);
	snprintf(t->result, sizeof(t->result), "%.*s", (int)e->result_len,
		 e->result ? e->result : "");
	t->tries = e->tries;
}

static void wait_calls(const struct told *t, unsigned calls)
{
	uint64_t until = clock_now_nsec() + 20 * NSEC_PER_SEC;

	while (t->calls < calls) {
		if (clock_now_nsec() > until)
			fail_msg("waited in vain");
		assert_true(sd_event_run(loop, 100000) >= 0);
	}
}

static int accept_one(struct journal *j, const char *id, const char *key, size_t len,
		      struct told *t)
{
	char *body = malloc(len + 1);
	struct journal_entry e = { .id = id, .tenant = "t", .key = key, .trace = "", .body = body };
	int r;

	assert_non_null(body);
	memset(body, 'b', len);
	e.body_len = len;
	memset(e.digest, 7, sizeof(e.digest));
	r = journal_accept(j, &e, on_told, t);
	free(body);
	return r;
}

static int count_one(void *user, const struct journal_entry *e)
{
	struct told *t = user;

	t->calls++;
	assert_null(e->result);
	assert_int_equal(e->digest[5], 7);
	snprintf(t->id, sizeof(t->id), "%s", e->id);
	t->tries = e->tries;
	return 0;
}

static struct told count_open(struct journal *j)
{
	struct told t = { 0 };
	struct err err = ERR_INIT;

	if (journal_each_open(j, count_one, &t, &err) < 0)
		fail_msg("%s", err.text);
	return t;
}

/* ---- the life of a row ---- */

static void test_accept_begin_end_find(void **state)
{
	struct told t = { 0 }, open;
	struct place p;
	struct journal *j;

	place_make(&p);
	j = open_journal(&p, 1 << 20, 0);
	accept_one(j, "one", "", 10, &t);
	accept_one(j, "two", "", 0, &t);
	assert_int_equal(journal_begin(j, "one", on_told, &t), 0);
	assert_int_equal(journal_end(j, "two", "{\"r\":2}", 7, on_told, &t), 0);
	assert_int_equal(t.calls, 0);
	wait_calls(&t, 4);
	assert_int_equal(t.good, 4);
	journal_find(j, "t", "two", on_told, &t);
	wait_calls(&t, 5);
	assert_string_equal(t.result, "{\"r\":2}");
	journal_find(j, "somebody else", "two", on_told, &t);
	wait_calls(&t, 6);
	assert_int_equal(t.last, -ENOENT);
	journal_end(j, "two", "again", 5, on_told, &t);
	wait_calls(&t, 7);
	assert_int_equal(t.last, -ENOENT);
	journal_close(j);
	j = open_journal(&p, 1 << 20, 0);
	open = count_open(j);
	assert_int_equal(open.calls, 1);
	assert_string_equal(open.id, "one");
	assert_int_equal(open.tries, 1);
	journal_close(j);
	place_done(&p);
}

static void test_a_key_is_taken(void **state)
{
	struct told t = { 0 };
	struct place p;
	struct journal *j;

	place_make(&p);
	j = open_journal(&p, 1 << 20, 0);
	accept_one(j, "one", "key", 10, &t);
	accept_one(j, "two", "key", 10, &t); /* in the same group */
	accept_one(j, "three", "", 10, &t);
	accept_one(j, "four", "", 10, &t); /* no key is no key */
	wait_calls(&t, 4);
	assert_int_equal(t.good, 3);
	assert_string_equal(t.id, "one");
	journal_close(j);
	place_done(&p);
}

static void test_one_process_at_a_time(void **state)
{
	struct journal *j, *second = NULL;
	struct err err = ERR_INIT;
	struct place p;
	struct journal_config c = { .loop = loop, .keep_bytes = 1 << 20, .keep_sec = 3600 };

	place_make(&p);
	j = open_journal(&p, 1 << 20, 0);
	c.path = p.path;
	assert_int_equal(journal_open(&c, &second, &err), -EBUSY);
	assert_non_null(strstr(err.text, "another process has it open"));
	journal_close(j);
	place_done(&p);
}

/* Results beyond the bound go, the oldest first; what is not over never does. */
static void test_results_are_bounded(void **state)
{
	static char result[10000];
	struct told t = { 0 }, found = { 0 }, open;
	struct journal_counts counts;
	struct place p;
	struct journal *j;
	char id[16];

	place_make(&p);
	j = open_journal(&p, 50000, 0);
	accept_one(j, "open", "", 10, &t);
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "j%d", i);
		accept_one(j, id, "", 10, &t);
		journal_end(j, id, result, sizeof(result), on_told, &t);
		wait_calls(&t, (unsigned)(3 + 2 * i));
	}
	journal_find(j, "t", "j0", on_told, &found);
	wait_calls(&found, 1);
	assert_int_equal(found.last, -ENOENT);
	journal_find(j, "t", "j19", on_told, &found);
	wait_calls(&found, 2);
	assert_int_equal(found.last, 0);
	journal_count(j, &counts);
	assert_true(counts.bytes <= 60000);
	journal_close(j);
	j = open_journal(&p, 50000, 0);
	open = count_open(j);
	assert_int_equal(open.calls, 1);
	assert_string_equal(open.id, "open");
	journal_close(j);
	place_done(&p);
}

/* ---- kill -9 ---- */

/* Writes down each id that was told to be on disk, by a write of its own; never ends by itself. */
static void hammer(const struct place *p, int out)
{
	struct told t = { 0 };
	struct journal *j;
	char id[16];

	assert_true(sd_event_new(&loop) >= 0);
	j = open_journal(p, 1 << 30, 0);
	for (unsigned n = 0;; n++) {
		unsigned first = t.calls;

		for (unsigned i = 0; i < 4; i++) {
			snprintf(id, sizeof(id), "%u-%u", n, i);
			accept_one(j, id, id, 500, &t);
			if (i == 3)
				journal_end(j, id, "{}", 2, on_told, &t);
		}
		wait_calls(&t, first + 5);
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
		j = open_journal(&p, 1 << 30, 0);
		open = count_open(j);
		assert_in_range(open.calls, 3 * groups, 3 * groups + 4);
		snprintf(id, sizeof(id), "%u-3", groups - 1);
		journal_find(j, "t", id, on_told, &found);
		wait_calls(&found, 1);
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
	j = open_journal(&p, 64 << 20, 1 << 20);
	snprintf(somebody, sizeof(somebody), "%s/somebody-else", p.dir);
	fill_file(somebody, 3 << 20);
	for (unsigned i = 0; t.last == 0 && i < 500; i++) {
		snprintf(id, sizeof(id), "%u", i);
		accept_one(j, id, "", BIG_BYTES, &t);
		wait_calls(&t, i + 1);
	}
	assert_int_equal(t.last, -ENOSPC);
	accepted = t.good;
	assert_in_range(accepted, 5, 400);
	snprintf(rest, sizeof(rest), "%s/rest", p.dir); /* to the last byte */
	fill_file(rest, 64 << 20);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "%u", i);
		journal_end(j, id, result, sizeof(result), on_told, &ends);
	}
	wait_calls(&ends, 5);
	if (ends.good != 5)
		fail_msg("%u results, the last %d", ends.good, ends.last);
	accept_one(j, "late", "", 10, &t);
	wait_calls(&t, t.calls + 1);
	assert_int_equal(t.last, -ENOSPC);
	journal_count(j, &counts);
	assert_false(counts.takes);
	unlink(somebody);
	accept_one(j, "later", "", 10, &t);
	wait_calls(&t, t.calls + 1);
	assert_int_equal(t.last, 0);
	journal_count(j, &counts);
	assert_true(counts.takes);
	journal_close(j);
	j = open_journal(&p, 64 << 20, 0);
	assert_int_equal(count_open(j).calls, accepted - 5 + 1);
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
	j = open_journal(&p, 1 << 20, 0);
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
	struct journal *j = open_journal(p, 1 << 20, 0);
	struct told t = { 0 };
	char id[16];

	for (unsigned i = 0; i < jobs; i++) {
		snprintf(id, sizeof(id), "%u", i);
		accept_one(j, id, "", 3000, &t);
	}
	wait_calls(&t, jobs);
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
	j = open_journal(&p, 1 << 20, 0);
	assert_int_equal(count_open(j).calls, 0);
	assert_int_equal(count_aside(&p), 1);
	accept_one(j, "new", "", 10, &t);
	wait_calls(&t, 1);
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
	j = open_journal(&p, 1 << 20, 0);
	open = count_open(j);
	assert_in_range(open.calls, 10, 100);
	assert_int_equal(count_aside(&p), 1);
	journal_close(j);
	place_done(&p);
}

static int set_up(void **state)
{
	return sd_event_new(&loop) >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	sd_event_unref(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accept_begin_end_find),
		cmocka_unit_test(test_a_key_is_taken),
		cmocka_unit_test(test_one_process_at_a_time),
		cmocka_unit_test(test_results_are_bounded),
		cmocka_unit_test(test_killed_at_random_points),
		cmocka_unit_test(test_a_full_disk),
		cmocka_unit_test(test_a_disk_that_is_read_only),
		cmocka_unit_test(test_no_database_at_all),
		cmocka_unit_test(test_what_can_be_read_is_saved),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

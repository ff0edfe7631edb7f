/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's ends of a box: made ahead and used once, and read to their end without a turn of the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/native_spare.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/pump.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static mode_t mode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_mode & 07777;
}

static ino_t pipe_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

/* What a box gets must not tell whether it was made ahead. */
static void check_pipe(const int ends[2])
{
	char text[8];

	assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
	assert_int_equal(mode_of(ends[1]), 0622);
	assert_int_equal(write(ends[1], "ab", 2), 2);
	assert_int_equal(read(ends[0], text, sizeof(text)), 2);
}

static void test_a_spare_is_used_once(void **state)
{
	struct native_spare s;
	int ends[3][2], fd;

	(void)state;
	native_spare_init(&s);
	native_spare_fill(&s);
	fd = native_spare_ended(&s);
	assert_true(fd >= 0);
	assert_int_equal(s.ended, -1);
	/* Two are there, the third is made. */
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(native_spare_pipe(&s, ends[i]), 0);
		check_pipe(ends[i]);
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(pipe_of(ends[i][0]), pipe_of(ends[j][0]));
	}
	close(fd);
	for (size_t i = 0; i < 3; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
}

static void test_an_ended_stdin_is_at_its_end(void **state)
{
	struct native_spare s;
	char c;

	(void)state;
	native_spare_init(&s);
	for (int ahead = 0; ahead < 2; ahead++) {
		_cleanup_close_ int fd = -1;

		if (ahead)
			native_spare_fill(&s);
		fd = native_spare_ended(&s);
		assert_int_equal(read(fd, &c, 1), 0);
		assert_int_equal(mode_of(fd), 0444);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	}
	native_spare_close(&s);
}

static void test_only_what_is_missing_is_made(void **state)
{
	struct native_spare s, before;
	int ends[2];

	(void)state;
	native_spare_init(&s);
	native_spare_fill(&s);
	before = s;
	native_spare_fill(&s);
	assert_memory_equal(&s, &before, sizeof(s));
	assert_int_equal(native_spare_pipe(&s, ends), 0);
	native_spare_fill(&s);
	assert_int_equal(s.ended, before.ended);
	assert_memory_equal(s.pipes[1], before.pipes[1], sizeof(s.pipes[1]));
	assert_true(s.pipes[0][0] >= 0 && s.pipes[0][0] != ends[0]);
	before = s;
	native_spare_close(&s);
	assert_false(is_open(before.ended));
	for (size_t i = 0; i < 2; i++)
		assert_false(is_open(before.pipes[i][0]) || is_open(before.pipes[i][1]));
	assert_int_equal(s.pipes[1][1], -1);
	close(ends[0]);
	close(ends[1]);
}

/* ---- a pump ---- */

static unsigned ends_seen;

static void on_eof(void *user)
{
	(void)user;
	ends_seen++;
}

static void on_flood(void *user)
{
	(void)user;
	fail();
}

static void start(struct pump *p, sd_event *loop, int ends[2])
{
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	*p = (struct pump){
		.keep_bytes = 1 << 20, .kill_bytes = 1 << 20, .on_eof = on_eof, .on_flood = on_flood
	};
	ends_seen = 0;
	assert_true(pump_start(p, loop, ends[0]) >= 0);
}

static void test_a_pump_drains_to_the_end(void **state)
{
	static char much[300000];
	sd_event *loop = *state;
	struct pump p;
	struct text text;
	bool truncated;
	int ends[2];

	start(&p, loop, ends);
	memset(much, 'x', sizeof(much));
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) >= (int)sizeof(much));
	assert_int_equal(write(ends[1], much, sizeof(much)), sizeof(much));
	close(ends[1]);
	pump_drain(&p);
	assert_int_equal(ends_seen, 1);
	assert_int_equal(p.fd, -1);
	assert_false(is_open(ends[0]));
	assert_int_equal(pump_text(&p, &text, &truncated), 0);
	assert_int_equal(text.len, sizeof(much));
	assert_false(truncated);
	pump_drain(&p); /* of what is at its end already */
	assert_int_equal(ends_seen, 1);
	pump_done(&p);
}

static void test_a_pump_that_is_written_to_goes_on(void **state)
{
	sd_event *loop = *state;
	struct pump p;
	int ends[2];

	start(&p, loop, ends);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	pump_drain(&p);
	assert_int_equal(p.total_bytes, 3);
	assert_int_equal(ends_seen, 0);
	assert_true(p.fd >= 0);
	assert_int_equal(write(ends[1], "d", 1), 1);
	close(ends[1]);
	while (!ends_seen)
		assert_true(sd_event_run(loop, 1000000) >= 0);
	assert_int_equal(p.total_bytes, 4);
	pump_done(&p);
}

static int setup(void **state)
{
	return sd_event_new((sd_event **)state) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	sd_event_unref(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_spare_is_used_once),
		cmocka_unit_test(test_an_ended_stdin_is_at_its_end),
		cmocka_unit_test(test_only_what_is_missing_is_made),
		cmocka_unit_test(test_a_pump_drains_to_the_end),
		cmocka_unit_test(test_a_pump_that_is_written_to_goes_on),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's ends of a box: made ahead and used once, and read to their end without a turn of the loop. The warden is played. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/native.h"
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

/* In flags and modes all are alike, made ahead or not. */
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
	struct native_spare s, ahead;
	int ends[3][2], fd;

	(void)state;
	native_spare_init(&s);
	native_spare_fill(&s);
	ahead = s;
	fd = native_spare_ended(&s);
	assert_true(fd >= 0 && fd == ahead.ended);
	assert_int_equal(s.ended, -1);
	/* Two are there, the third is made. */
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(native_spare_pipe(&s, ends[i]), 0);
		check_pipe(ends[i]);
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(pipe_of(ends[i][0]), pipe_of(ends[j][0]));
		if (i < 2) {
			assert_memory_equal(ends[i], ahead.pipes[i], sizeof(ends[i]));
			assert_int_equal(s.pipes[i][0], -1);
		}
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
	for (int turns = 0; !ends_seen && turns < 10; turns++)
		assert_true(sd_event_run(loop, 1000000) >= 0);
	assert_int_equal(ends_seen, 1);
	assert_int_equal(p.total_bytes, 4);
	pump_done(&p);
}

/* ---- both, in a backend ---- */

static struct {
	unsigned done;
	char out[64], err[64];
} outcome;

static void on_done(void *user, struct box_outcome *o, int artefact_fd)
{
	(void)user;
	assert_int_equal(artefact_fd, -1);
	outcome.done++;
	snprintf(outcome.out, sizeof(outcome.out), "%.*s", (int)o->out.len, o->out.data);
	snprintf(outcome.err, sizeof(outcome.err), "%.*s", (int)o->err.len, o->err.data);
}

/* One box, whose warden writes to its pipes, ends them and reports it. The inodes of its three streams. */
static void run_one(struct backend *b, int warden, ino_t ret_streams[3])
{
	static const char *const none[] = { NULL };
	static const char *const argv[] = { "/bin/true", NULL };
	static struct plan_step step; /* borrowed until the box is done */
	struct report report = { .kind = REPORT_DONE };
	struct err err = ERR_INIT;
	int fds[FD_PASS_MAX];
	size_t n = FD_PASS_MAX;
	struct order order;

	step = (struct plan_step){ .kind = STEP_RUN,
				   .argv = argv,
				   .envp = none,
				   .cwd = "/box",
				   .limits = limits_default };
	outcome.done = 0;
	assert_int_equal(b->ops->submit(b,
					&(struct backend_order){ .step = &step,
								 .artefact_fd = -1,
								 .live_stdin_fd = -1,
								 .on_done = on_done },
					&report.box, &err),
			 0);
	assert_true(fd_recv_frame(warden, &order, sizeof(order), fds, &n) > 0);
	assert_int_equal(n, 4); /* payload, stdin, stdout, stderr */
	assert_int_equal(write(fds[2], "out", 3), 3);
	assert_int_equal(write(fds[3], "err", 3), 3);
	for (size_t i = 0; i < 4; i++) {
		if (i > 0)
			ret_streams[i - 1] = pipe_of(fds[i]);
		close(fds[i]);
	}
	assert_int_equal(fd_send_frame(warden, &report, sizeof(report), NULL, 0), 0);
}

static void turn_until_quiet(sd_event *loop)
{
	for (int i = 0; i < 100 && sd_event_run(loop, 1000) > 0; i++)
		;
}

static size_t open_pipes(ino_t *ret, size_t room)
{
	struct stat st;
	size_t n = 0;

	for (int fd = 3; fd < 256; fd++)
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && n < room)
			ret[n++] = st.st_ino;
	return n;
}

static bool is_among(ino_t one, const ino_t *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (all[i] == one)
			return true;
	return false;
}

/* Its streams were there before the order, and when the report is there all is known. */
static void test_a_report_is_enough(void **state)
{
	struct report idle = { .kind = REPORT_IDLE };
	sd_event *loop = *state;
	ino_t streams[3], ahead[64];
	struct backend *b;
	size_t n;
	struct err err = ERR_INIT;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(native_new(loop, pair[0], 1, &b, &err), 0);
	turn_until_quiet(loop);
	for (int i = 0; i < 2; i++) {
		n = open_pipes(ahead, ARRAY_SIZE(ahead));
		run_one(b, pair[1], streams);
		for (size_t k = 0; k < 3; k++)
			assert_true(is_among(streams[k], ahead, n));
		for (int turns = 0; turns < 3 && !outcome.done; turns++)
			assert_true(sd_event_run(loop, 1000000) >= 0);
		assert_int_equal(outcome.done, 1);
		assert_string_equal(outcome.out, "out");
		assert_string_equal(outcome.err, "err");
		assert_int_equal(fd_send_frame(pair[1], &idle, sizeof(idle), NULL, 0), 0);
		turn_until_quiet(loop);
	}
	b->ops->free(b);
	close(pair[1]);
}

static void tell(sd_event *loop, int warden, enum report_kind kind, unsigned lane)
{
	struct report r = { .kind = kind, .lane = lane };

	assert_int_equal(fd_send_frame(warden, &r, sizeof(r), NULL, 0), 0);
	turn_until_quiet(loop);
}

static void on_idle(void *user)
{
	++*(unsigned *)user;
}

/* It is no lost one: it takes nothing until it is free, and then all that it took before. */
static void test_a_stuck_lane_comes_back(void **state)
{
	sd_event *loop = *state;
	struct native_state told;
	struct backend *b, *taken;
	unsigned called = 0;
	ino_t streams[3];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(native_new(loop, pair[0], 1, &b, NULL), 0);
	b->ops->on_idle(b, on_idle, &called);
	run_one(b, pair[1], streams);
	turn_until_quiet(loop);
	tell(loop, pair[1], REPORT_STUCK, 0);
	assert_true(called > 0);
	assert_int_equal(b->stuck, 1);
	assert_int_equal(b->lost, 0);
	assert_int_equal(native_give(b, &told), pair[0]);
	assert_int_equal(told.stuck, 1);
	tell(loop, pair[1], REPORT_FREED, 0);
	assert_int_equal(b->stuck, 0);
	assert_int_equal(b->ops->idle_lanes(b), 0); /* it is being cleaned */
	tell(loop, pair[1], REPORT_IDLE, 0);
	assert_int_equal(b->ops->idle_lanes(b), 1);
	tell(loop, pair[1], REPORT_STUCK, 0); /* of one that waited for its order */
	assert_int_equal(b->ops->idle_lanes(b), 0);
	tell(loop, pair[1], REPORT_FREED, 0);
	run_one(b, pair[1], streams);
	turn_until_quiet(loop);
	assert_int_equal(outcome.done, 1);
	assert_int_equal(native_take(loop, dup(pair[1]), &told, &taken, NULL), 0);
	assert_int_equal(taken->stuck, 1);
	taken->ops->free(taken);
	b->ops->free(b);
	close(pair[1]);
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
		cmocka_unit_test(test_a_report_is_enough),
		cmocka_unit_test(test_a_stuck_lane_comes_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

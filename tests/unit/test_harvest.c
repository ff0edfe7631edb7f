/* SPDX-License-Identifier: Apache-2.0 */
/* Files as a hostile program may leave them, opened on a real file system; and what comes out of a box, taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/taken.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/harvest.h"

static int box_dirfd = -1;
static char box_path[] = "/tmp/harvest-XXXXXX";

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(box_path));
	box_dirfd = open(box_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return box_dirfd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "plain", "twin", "out",	"in",
					     "fifo",  "sock", "sparse", "dev" };

	(void)state;
	unlinkat(box_dirfd, "dir/inner", 0);
	unlinkat(box_dirfd, "dir", AT_REMOVEDIR);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlinkat(box_dirfd, names[i], 0);
	close(box_dirfd);
	return rmdir(box_path);
}

static void put(const char *name, const char *content)
{
	_cleanup_close_ int fd = openat(box_dirfd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, content, strlen(content)), 0);
}

static enum taken taken_as(const char *path, uint64_t max_bytes)
{
	_cleanup_close_ int fd = -1;
	enum taken state = TAKEN_STATES;
	uint64_t bytes;

	assert_int_equal(harvest_open(box_dirfd, path, max_bytes, &fd, &state, &bytes), 0);
	assert_int_equal(fd >= 0, state == TAKEN_WHOLE);
	return state;
}

static void plain_files_are_taken(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(box_dirfd, "dir", 0700), 0);
	put("plain", "1234");
	put("dir/inner", "");
	assert_int_equal(taken_as("plain", 4), TAKEN_WHOLE);
	assert_int_equal(taken_as("dir/inner", 0), TAKEN_WHOLE);
	assert_int_equal(taken_as("plain", 3), TAKEN_TOO_LARGE);
	assert_int_equal(taken_as("nowhere", 4), TAKEN_MISSING);
	assert_int_equal(taken_as("nowhere/plain", 4), TAKEN_MISSING);
}

static void nothing_else_is(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(symlinkat("/etc/passwd", box_dirfd, "out"), 0);
	assert_int_equal(symlinkat("plain", box_dirfd, "in"), 0);
	assert_int_equal(mkfifoat(box_dirfd, "fifo", 0600), 0);
	assert_int_equal(linkat(box_dirfd, "plain", box_dirfd, "twin", 0), 0);
	strcpy(a.sun_path, box_path);
	strcat(a.sun_path, "/sock");
	assert_int_equal(bind(sock, (struct sockaddr *)&a, sizeof(a)), 0);
	close(sock);
	if (mknodat(box_dirfd, "dev", S_IFCHR | 0600, makedev(1, 3)) == 0) /* as root */
		assert_int_not_equal(taken_as("dev", 1 << 20), TAKEN_WHOLE);
	assert_int_equal(taken_as("out", 1 << 20), TAKEN_NOT_PLAIN);
	assert_int_equal(taken_as("in", 1 << 20), TAKEN_NOT_PLAIN);
	assert_int_equal(taken_as("fifo", 1 << 20), TAKEN_NOT_PLAIN);
	assert_int_equal(taken_as("sock", 1 << 20), TAKEN_NOT_PLAIN);
	assert_int_equal(taken_as("dir", 1 << 20), TAKEN_NOT_PLAIN);
	assert_int_equal(taken_as("twin", 1 << 20), TAKEN_NOT_PLAIN);
	assert_int_equal(taken_as("plain", 1 << 20), TAKEN_NOT_PLAIN); /* it has two names */
	assert_int_equal(taken_as("plain/x", 1 << 20), TAKEN_NOT_PLAIN);
	assert_int_equal(taken_as("../../etc/passwd", 1 << 20), TAKEN_NOT_PLAIN);
	assert_int_equal(taken_as("/etc/passwd", 1 << 20), TAKEN_NOT_PLAIN);
	unlinkat(box_dirfd, "twin", 0);
	assert_int_equal(taken_as("plain", 1 << 20), TAKEN_WHOLE);
}

static void several_share_one_bound(void **state)
{
	struct harvest_head h;
	uint64_t left = 5;
	int fd;

	(void)state;
	put("sparse", "");
	assert_int_equal(harvest_next(box_dirfd, "plain", &left, &h, &fd), 0);
	assert_int_equal(h.state, TAKEN_WHOLE);
	assert_int_equal(h.bytes, 4);
	close(fd);
	assert_int_equal(left, 1);
	assert_int_equal(harvest_next(box_dirfd, "plain", &left, &h, &fd), 0);
	assert_int_equal(h.state, TAKEN_TOO_LARGE);
	assert_int_equal(h.bytes, 0);
	assert_int_equal(fd, -1);
	assert_int_equal(left, 1);
	assert_int_equal(harvest_next(box_dirfd, "sparse", &left, &h, &fd), 0);
	assert_int_equal(h.state, TAKEN_WHOLE);
	close(fd);
}

/* ---- the stream ---- */

static size_t put_stream(char *to)
{
	const struct harvest_head heads[] = { { .bytes = 3, .state = TAKEN_WHOLE },
					      { .state = TAKEN_MISSING },
					      { .state = TAKEN_WHOLE } };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		memcpy(to + n, &heads[i], sizeof(heads[i]));
		n += sizeof(heads[i]);
		memcpy(to + n, "a\0b", heads[i].bytes);
		n += heads[i].bytes;
	}
	return n;
}

static void a_stream_is_taken_apart(void **state)
{
	struct taken_file f[3];
	char data[128];
	size_t len = put_stream(data);

	(void)state;
	assert_int_equal(taken_parse((struct text){ data, len }, 3, 3, f), 0);
	assert_int_equal(f[0].state, TAKEN_WHOLE);
	assert_int_equal(f[0].content.len, 3);
	assert_memory_equal(f[0].content.data, "a\0b", 3);
	assert_int_equal(f[1].state, TAKEN_MISSING);
	assert_int_equal(f[1].content.len, 0);
	assert_int_equal(f[2].state, TAKEN_WHOLE);
	assert_int_equal(f[2].content.len, 0);
}

static void a_wrong_one_is_refused(void **state)
{
	struct taken_file f[4];
	char data[128], bad[128];
	size_t len = put_stream(data);

	(void)state;
	assert_int_equal(taken_parse((struct text){ data, len }, 2, 3, f), -EBADMSG);
	assert_int_equal(taken_parse((struct text){ data, len }, 3, 2, f), -EBADMSG);
	assert_int_equal(taken_parse((struct text){ data, len }, 3, 4, f), -EBADMSG);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(taken_parse((struct text){ data, cut }, 3, 3, f), -EBADMSG);
	/* Of the first head every byte matters. */
	for (size_t i = 0; i < sizeof(struct harvest_head); i++) {
		memcpy(bad, data, len);
		bad[i] = (char)~bad[i];
		assert_int_equal(taken_parse((struct text){ bad, len }, 3, 3, f), -EBADMSG);
	}
}

static void an_outcome_gets_them_or_fails(void **state)
{
	static char data[128];
	struct plan_step step = { .noutputs = 3, .limits = limits_default };
	struct box_outcome o = { .facts = { .artefact = TAKEN_WHOLE } };
	struct taken_pump t;

	(void)state;
	taken_prepare(&t, &step);
	t.pump.head = data;
	t.pump.head_len = t.pump.total_bytes = put_stream(data);
	taken_finish(&t, &step, &o);
	assert_ptr_equal(o.files, t.files);
	assert_int_equal(o.facts.setup_errno, 0);
	o = (struct box_outcome){ 0 }; /* the box was killed: they were not looked for */
	taken_finish(&t, &step, &o);
	assert_null(o.files);
	assert_int_equal(o.facts.setup_errno, 0);
	o.facts.artefact = TAKEN_WHOLE;
	t.pump.head_len--;
	taken_finish(&t, &step, &o);
	assert_null(o.files);
	assert_int_not_equal(o.facts.setup_errno, 0);
	assert_string_equal(o.facts.setup_step, "files-out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_files_are_taken),
		cmocka_unit_test(nothing_else_is),
		cmocka_unit_test(several_share_one_bound),
		cmocka_unit_test(a_stream_is_taken_apart),
		cmocka_unit_test(a_wrong_one_is_refused),
		cmocka_unit_test(an_outcome_gets_them_or_fails),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

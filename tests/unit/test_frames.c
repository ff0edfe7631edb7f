/* SPDX-License-Identifier: Apache-2.0 */
/* The border into privilege: orders as the warden checks them, payload files as init reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/order.h"
#include "sandbox/payload.h"

static const char *const argv[] = { "/usr/bin/python3.11", "main.py", "", "two words", NULL };
static const char *const envp[] = { "A=1", "B=", NULL };
static const char *const outputs[] = { "out.txt", "dir/two" };
static const struct plan_file files[] = {
	{ .name = "main.py", .content = { "print(1)\0x", 10 }, .mode = 0644 },
	{ .name = "empty", .content = { "", 0 }, .mode = 0600 },
};

static struct plan_step a_step(void)
{
	return (struct plan_step){ .argv = argv,
				   .envp = envp,
				   .cwd = "/box",
				   .files = files,
				   .nfiles = ARRAY_SIZE(files),
				   .artefact = "main",
				   .outputs = outputs,
				   .noutputs = ARRAY_SIZE(outputs) };
}

static void payload_comes_back_whole(void **state)
{
	struct plan_step step = a_step();
	static struct payload_view v;
	char content[10];
	int fd = payload_make(&step);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(payload_open(fd, &v), 0);
	for (size_t i = 0; argv[i]; i++)
		assert_string_equal(v.argv[i], argv[i]);
	assert_null(v.argv[4]);
	assert_string_equal(v.envp[0], "A=1");
	assert_string_equal(v.envp[1], "B=");
	assert_null(v.envp[2]);
	assert_string_equal(v.cwd, "/box");
	assert_string_equal(v.artefact, "main");
	assert_int_equal(v.nfiles, 2);
	assert_string_equal(v.names[0], "main.py");
	assert_int_equal(v.files[0].size, 10);
	assert_int_equal(v.files[1].size, 0);
	assert_int_equal(v.content_pages_bytes, 4096);
	assert_int_equal(v.noutputs, 2);
	assert_string_equal(v.outputs[0], "out.txt");
	assert_string_equal(v.outputs[1], "dir/two");
	assert_int_equal(pread(fd, content, 10, (off_t)v.content_offset), 10);
	assert_memory_equal(content, "print(1)\0x", 10);
	payload_close(&v);
	close(fd);
}

static void payload_must_be_sealed(void **state)
{
	static struct payload_view v;
	int fd = memfd_create("open", MFD_ALLOW_SEALING);

	(void)state;
	assert_int_equal(write(fd, "0123456789012345678901234567890123456789", 40), 40);
	assert_int_equal(payload_open(fd, &v), -EPERM);
	close(fd);
}

/* A memory file with a page that the kernel holds for a pipe, until a child reads it after so many milliseconds; 0: never. */
static int seal_held(unsigned msec)
{
	int fd = memfd_create("held", MFD_ALLOW_SEALING | MFD_CLOEXEC), ends[2], r;
	char page[4096] = "";
	loff_t at = 0;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(fd, page, sizeof(page)), sizeof(page));
	assert_int_equal(splice(fd, &at, ends[1], NULL, sizeof(page), 0), sizeof(page));
	pid = fork();
	if (pid == 0) {
		usleep(msec * 1000);
		_exit(msec && read(ends[0], page, sizeof(page)) == sizeof(page) ? 0 : 1);
	}
	r = fd_seal(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ends[0]);
	close(ends[1]);
	close(fd);
	return r;
}

static void who_holds_a_page_for_a_moment_is_awaited(void **state)
{
	(void)state;
	assert_int_equal(seal_held(250), 0);
	assert_int_equal(seal_held(0), -EBUSY);
}

static int open_bytes(const char *data, size_t len)
{
	static struct payload_view v;
	int fd = fd_sealed_memfd("bytes", data, len), r;

	memset(&v, 0, sizeof(v));
	r = payload_open(fd, &v);
	payload_close(&v);
	close(fd);
	return r;
}

/* A good payload with any one byte of its header changed, or cut anywhere, is refused or still in bounds. */
static void payload_survives_damage(void **state)
{
	struct plan_step step = a_step();
	int fd = payload_make(&step);
	char data[512], bad[512];
	ssize_t len = pread(fd, data, sizeof(data), 0);

	(void)state;
	assert_true(len > 0 && len < (ssize_t)sizeof(data));
	close(fd);
	assert_int_equal(open_bytes(data, (size_t)len), 0);
	for (ssize_t cut = 0; cut < len; cut++)
		assert_int_equal(open_bytes(data, (size_t)cut), -EBADMSG);
	for (size_t i = 0; i < sizeof(struct payload_header); i++) {
		memcpy(bad, data, (size_t)len);
		bad[i] = (char)~bad[i];
		assert_int_equal(open_bytes(bad, (size_t)len), -EBADMSG);
	}
}

static void payload_refuses_paths(void **state)
{
	static const char *const names[] = { "", ".", "..", "../x", "a/b", "/etc/passwd" };
	static struct payload_view v;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct plan_file f = { .name = names[i], .content = { "", 0 }, .mode = 0644 };
		struct plan_step step = a_step();
		int fd;

		step.files = &f;
		step.nfiles = 1;
		fd = payload_make(&step);
		assert_int_equal(payload_open(fd, &v), -EBADMSG);
		payload_close(&v);
		close(fd);
	}
}

static struct order an_order(void)
{
	return (struct order){ .kind = ORDER_RUN, .lane = 1, .box = 7, .limits = limits_default };
}

static void order_is_checked_field_by_field(void **state)
{
	struct order o = an_order();

	(void)state;
	assert_true(order_valid(&o, 4, 2, &limits_cap));
	assert_false(order_valid(&o, 3, 2, &limits_cap));
	assert_false(order_valid(&o, 5, 2, &limits_cap));
	assert_false(order_valid(&o, 4, 1, &limits_cap));
	o.flags = ORDER_ARTEFACT_IN;
	assert_true(order_valid(&o, 5, 2, &limits_cap));
	assert_false(order_valid(&o, 4, 2, &limits_cap));
	o.flags = ORDER_ARTEFACT_IN | ORDER_ARTEFACT_OUT;
	assert_false(order_valid(&o, 5, 2, &limits_cap));
	o.flags = ORDER_ARTEFACT_IN | ORDER_REFILL;
	assert_true(order_valid(&o, 5, 2, &limits_cap));
	o.flags = ORDER_FILES_OUT;
	assert_true(order_valid(&o, 5, 2, &limits_cap));
	assert_false(order_valid(&o, 4, 2, &limits_cap));
	o.flags = ORDER_FILES_OUT | ORDER_ARTEFACT_IN;
	assert_true(order_valid(&o, 6, 2, &limits_cap));
	assert_false(order_valid(&o, 5, 2, &limits_cap));
	o.flags = ORDER_FILES_OUT | ORDER_ARTEFACT_OUT;
	assert_false(order_valid(&o, 5, 2, &limits_cap));
	assert_false(order_valid(&o, 6, 2, &limits_cap));
	o.flags = ORDER_FILES_OUT << 1;
	assert_false(order_valid(&o, 4, 2, &limits_cap));
	o = an_order();
	o.kind = 0;
	assert_false(order_valid(&o, 4, 2, &limits_cap));
	o.kind = ORDER_WARM + 1;
	assert_false(order_valid(&o, 4, 2, &limits_cap));
	o = an_order();
	o.reserved = 1;
	assert_false(order_valid(&o, 4, 2, &limits_cap));
	o = an_order();
	o.kill = KILL_OUTPUT;
	assert_false(order_valid(&o, 4, 2, &limits_cap));
}

static void orders_name_a_runner_that_there_is(void **state)
{
	struct order o = an_order();

	(void)state;
	for (uint32_t k = 0; k < RUNNER_KINDS; k++) {
		o.runner = k;
		assert_true(order_valid(&o, 4, 2, &limits_cap));
	}
	o.runner = RUNNER_KINDS;
	assert_false(order_valid(&o, 4, 2, &limits_cap));
	o.runner = UINT32_MAX;
	assert_false(order_valid(&o, 4, 2, &limits_cap));
}

static void warm_orders_are_for_zygotes(void **state)
{
	const struct order good = { .kind = ORDER_WARM, .lane = 1, .runner = RUNNER_PYTHON };
	struct order o = good;

	(void)state;
	assert_true(order_valid(&o, 0, 2, &limits_cap));
	assert_false(order_valid(&o, 1, 2, &limits_cap));
	assert_false(order_valid(&o, 0, 1, &limits_cap));
	o.runner = RUNNER_EXEC; /* needs none */
	assert_false(order_valid(&o, 0, 2, &limits_cap));
	o.runner = RUNNER_KINDS;
	assert_false(order_valid(&o, 0, 2, &limits_cap));
	o = good;
	o.flags = ORDER_REFILL;
	assert_true(order_valid(&o, 0, 2, &limits_cap));
	o.flags = ORDER_REFILL | ORDER_ARTEFACT_IN;
	assert_false(order_valid(&o, 0, 2, &limits_cap));
	o = good;
	o.kill = KILL_CANCEL;
	assert_false(order_valid(&o, 0, 2, &limits_cap));
	o = good;
	o.reserved = 1;
	assert_false(order_valid(&o, 0, 2, &limits_cap));
}

static void order_limits_are_bounded(void **state)
{
	(void)state;
	for (size_t i = 0; i < limit_table_len; i++) {
		struct order o = an_order();

		*limits_at(&o.limits, &limit_table[i]) = 0;
		assert_false(order_valid(&o, 4, 2, &limits_cap));
		*limits_at(&o.limits, &limit_table[i]) = limit_table[i].cap;
		assert_true(order_valid(&o, 4, 2, &limits_cap));
		*limits_at(&o.limits, &limit_table[i]) = limit_table[i].cap + 1;
		assert_false(order_valid(&o, 4, 2, &limits_cap));
	}
}

static void kill_orders_name_a_reason(void **state)
{
	struct order o = { .kind = ORDER_KILL, .lane = 0, .kill = KILL_OUTPUT };

	(void)state;
	assert_true(order_valid(&o, 0, 1, &limits_cap));
	assert_false(order_valid(&o, 1, 1, &limits_cap));
	o.kill = KILL_NONE;
	assert_false(order_valid(&o, 0, 1, &limits_cap));
	o.kill = KILL_BROKEN + 1;
	assert_false(order_valid(&o, 0, 1, &limits_cap));
	o.kill = KILL_OUTPUT;
	o.flags = ORDER_REFILL;
	assert_false(order_valid(&o, 0, 1, &limits_cap));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payload_comes_back_whole),
		cmocka_unit_test(payload_must_be_sealed),
		cmocka_unit_test(who_holds_a_page_for_a_moment_is_awaited),
		cmocka_unit_test(payload_survives_damage),
		cmocka_unit_test(payload_refuses_paths),
		cmocka_unit_test(order_is_checked_field_by_field),
		cmocka_unit_test(orders_name_a_runner_that_there_is),
		cmocka_unit_test(warm_orders_are_for_zygotes),
		cmocka_unit_test(order_limits_are_bounded),
		cmocka_unit_test(kill_orders_name_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

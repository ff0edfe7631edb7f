/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities and resource limits, each in a forked child. Dropping needs root, else skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/caps.h"
#include "kernel/rlimit.h"

static int in_child(int (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(body());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int drop_and_look(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (caps_lock_securebits() < 0)
		return 1;
	if (caps_drop_all() < 0)
		return 2;
	if (syscall(SYS_capget, &head, data) < 0)
		return 3;
	for (int i = 0; i < 2; i++)
		if (data[i].effective | data[i].permitted | data[i].inheritable)
			return 4;
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) ||
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0))
			return 5;
	if (prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) != 0xef)
		return 6;
	if (caps_lock_securebits() != -EPERM) /* locked, and the right to change it is gone */
		return 7;
	return caps_drop_all() == 0 ? 0 : 8; /* nothing to do is no failure */
}

static void test_caps(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(drop_and_look), 0);
}

static int has(int resource, rlim_t want)
{
	struct rlimit l;

	return getrlimit((__rlimit_resource_t)resource, &l) == 0 && l.rlim_cur == want &&
	       l.rlim_max == want;
}

static int apply_and_look(void)
{
	const struct rlimit_set set = {
		.open_files = 64, .file_bytes = 4096, .cpu_sec = 7, .stack_bytes = 1 << 20
	};

	if (rlimit_apply(&set) < 0)
		return 1;
	if (!has(RLIMIT_NOFILE, 64) || !has(RLIMIT_FSIZE, 4096) || !has(RLIMIT_CPU, 7) ||
	    !has(RLIMIT_STACK, 1 << 20))
		return 2;
	if (!has(RLIMIT_CORE, 1) || !has(RLIMIT_MSGQUEUE, 0) || !has(RLIMIT_RTPRIO, 0) ||
	    !has(RLIMIT_NICE, 0) || !has(RLIMIT_MEMLOCK, 65536) || !has(RLIMIT_SIGPENDING, 1024))
		return 3;
	return 0;
}

/* More than the inherited hard limit: nothing may change, not even the rows before it. */
static int refuse_to_raise(void)
{
	const struct rlimit low = { 4096, 4096 };
	const struct rlimit_set set = { .open_files = 64, .file_bytes = 8192 };
	struct rlimit before, after;

	getrlimit(RLIMIT_NOFILE, &before);
	if (setrlimit(RLIMIT_FSIZE, &low) < 0)
		return 1;
	if (rlimit_apply(&set) != -EPERM)
		return 2;
	getrlimit(RLIMIT_NOFILE, &after);
	return before.rlim_cur == after.rlim_cur ? 0 : 3;
}

/* "As much as there is", and ceilings that are already lower, are not failures. */
static int keep_stricter(void)
{
	const struct rlimit stack = { 1 << 20, 2 << 20 }, pending = { 10, 10 }, cpu = { 50, 60 };
	const struct rlimit_set set = { .open_files = 64, .file_bytes = 8192 };

	if (setrlimit(RLIMIT_STACK, &stack) < 0 || setrlimit(RLIMIT_SIGPENDING, &pending) < 0 ||
	    setrlimit(RLIMIT_CPU, &cpu) < 0)
		return 1;
	if (rlimit_apply(&set) < 0)
		return 2;
	return has(RLIMIT_STACK, 2 << 20) && has(RLIMIT_SIGPENDING, 10) && has(RLIMIT_CPU, 60) ? 0
											       : 3;
}

static void test_rlimits(void **state)
{
	assert_int_equal(in_child(apply_and_look), 0);
	assert_int_equal(in_child(refuse_to_raise), 0);
	assert_int_equal(in_child(keep_stricter), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_rlimits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

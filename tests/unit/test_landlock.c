/* SPDX-License-Identifier: Apache-2.0 */
/* Each case restricts a forked child and lets it try; skipped where the kernel has no Landlock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/landlock.h"

static char top[] = "/tmp/test_landlock.XXXXXX";

static int setup(void **state)
{
	if (!mkdtemp(top) || chdir(top) < 0)
		return -1;
	return mkdir("rw", 0700) | mkdir("rw/a", 0700) | mkdir("rw/b", 0700) | mkdir("ro", 0700) |
	       mkdir("none", 0700) | mknod("ro/file", S_IFREG | 0600, 0) |
	       mknod("none/file", S_IFREG | 0600, 0);
}

static int teardown(void **state)
{
	static const char *const paths[] = { "rw/b/new", "rw/a/new", "rw/a",	  "rw/b", "rw",
					     "ro/file",	 "ro",	     "none/file", "none" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		remove(paths[i]);
	return rmdir(top);
}

/* Runs body() under the three rules; answers what it returns, or 100 + errno of ours. */
static int restricted(int abi, int (*body)(void))
{
	static const struct landlock_rule rules[] = {
		{ "rw", LANDLOCK_READ_WRITE },
		{ "ro", LANDLOCK_READ_EXEC },
		{ "/dev/null", LANDLOCK_DEVICES },
	};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int r;

		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		r = landlock_restrict(abi, rules, ARRAY_SIZE(rules));
		_exit(r < 0 ? 100 - r : body());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int can_open(const char *path, int flags)
{
	_cleanup_close_ int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd >= 0 ? 0 : errno;
}

static int try_files(void)
{
	if (can_open("ro/file", O_RDONLY) || can_open("ro", O_RDONLY | O_DIRECTORY))
		return 1;
	if (can_open("ro/file", O_WRONLY) != EACCES ||
	    can_open("ro/new", O_WRONLY | O_CREAT) != EACCES)
		return 2;
	if (can_open("none/file", O_RDONLY) != EACCES ||
	    can_open("/etc/passwd", O_RDONLY) != EACCES)
		return 3;
	if (can_open("rw/a/new", O_RDWR | O_CREAT | O_TRUNC))
		return 4;
	if (can_open("/dev/null", O_WRONLY | O_TRUNC) || can_open("/dev/zero", O_RDONLY) != EACCES)
		return 5;
	return 0;
}

static int try_refer(void)
{
	if (can_open("rw/a/new", O_WRONLY | O_CREAT))
		return 1;
	if (rename("rw/a/new", "rw/b/new") < 0)
		return 2;
	return link("rw/b/new", "none/new") < 0 ? 0 : 3;
}

static int try_truncate(void)
{
	return truncate("none/file", 0) < 0 && errno == EACCES ? 0 : 1;
}

static int try_tcp(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 1;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 || errno != EACCES)
		return 2;
	to.sin_port = htons(2);
	return bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno == EACCES ? 0 : 3;
}

static int try_signal(void)
{
	if (kill(getpid(), 0) < 0)
		return 1;
	return kill(getppid(), 0) < 0 && errno == EPERM ? 0 : 2;
}

static void need_abi(int abi)
{
	if (landlock_abi() < abi) {
		print_message("needs Landlock ABI %d\n", abi);
		skip();
	}
}

static void test_files(void **state)
{
	need_abi(1);
	assert_int_equal(restricted(landlock_abi(), try_files), 0);
}

/* What an older kernel would be asked for must be accepted by this one, and still bite. */
static void test_every_abi(void **state)
{
	need_abi(1);
	for (int abi = 1; abi <= landlock_abi(); abi++)
		assert_int_equal(restricted(abi, try_files), 0);
}

static void test_refer(void **state)
{
	need_abi(2);
	assert_int_equal(restricted(landlock_abi(), try_refer), 0);
}

static void test_truncate(void **state)
{
	need_abi(3);
	assert_int_equal(restricted(landlock_abi(), try_truncate), 0);
}

static void test_tcp(void **state)
{
	need_abi(4);
	assert_int_equal(restricted(landlock_abi(), try_tcp), 0);
}

static void test_signals_are_scoped(void **state)
{
	need_abi(6);
	assert_int_equal(restricted(landlock_abi(), try_signal), 0);
}

static int nothing(void)
{
	return 0;
}

static void test_no_landlock_is_a_failure(void **state)
{
	assert_int_equal(restricted(0, nothing), 100 + EOPNOTSUPP);
}

static void test_missing_path_is_a_failure(void **state)
{
	static const struct landlock_rule rule = { "no/such/path", LANDLOCK_READ_EXEC };

	need_abi(1);
	assert_int_equal(landlock_restrict(landlock_abi(), &rule, 1), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_every_abi),
		cmocka_unit_test(test_refer),
		cmocka_unit_test(test_truncate),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_signals_are_scoped),
		cmocka_unit_test(test_no_landlock_is_a_failure),
		cmocka_unit_test(test_missing_path_is_a_failure),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

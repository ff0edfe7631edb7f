/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler of profiles refuses, and what it makes of comparisons and names. */
#include "seccomp_ask.h"

#include <errno.h>
#include <sys/syscall.h>

#include "base/cleanup.h"

static const char *const ioctl_name[] = { "ioctl" };

static int compile_rules(const struct profile_rule *rules, size_t n, struct seccomp_program *ret)
{
	struct profile p = { .default_action = PROFILE_ERRNO,
			     .default_errno = ENOSYS,
			     .rules = rules,
			     .nrules = n };

	return seccomp_compile(&p, SECCOMP_WHOLE_QUIET, ret, NULL);
}

static void test_refused_profiles(void **state)
{
	static const struct profile_arg eq5 = { .index = 1, .value = 5, .op = PROFILE_EQ };
	static const struct profile_arg low5 = {
		.index = 1, .value = 0xff, .value_two = 5, .op = PROFILE_MASKED_EQ
	};
	static const struct profile_arg twice[] = { { .index = 1, .value = 5, .op = PROFILE_NE },
						    { .index = 1, .value = 6, .op = PROFILE_NE } };
	static const struct profile_arg beyond = { .index = 6, .value = 5, .op = PROFILE_EQ };
	static const struct profile_arg outside = {
		.index = 1, .value = 0x0f, .value_two = 0x10, .op = PROFILE_MASKED_EQ
	};
	const struct profile_rule allow = { ioctl_name, 1, PROFILE_ALLOW, 0, NULL, 0 };
	const struct profile_rule deny_eq = { ioctl_name, 1, PROFILE_ERRNO, EPERM, &eq5, 1 };
	const struct profile_rule allow_low = { ioctl_name, 1, PROFILE_ALLOW, 0, &low5, 1 };
	const struct profile_rule bad[][2] = {
		{ allow, deny_eq }, /* the unconditional one would swallow the other */
		{ allow_low, deny_eq },
		{ { ioctl_name, 1, PROFILE_ERRNO, 0, NULL, 0 }, deny_eq }, /* silent success */
		{ { ioctl_name, 1, PROFILE_ERRNO, 4096, NULL, 0 }, deny_eq },
		{ { ioctl_name, 1, PROFILE_ERRNO, EPERM, twice, 2 }, deny_eq },
		{ { ioctl_name, 1, PROFILE_ERRNO, EPERM, &beyond, 1 }, deny_eq },
		{ { ioctl_name, 1, PROFILE_ERRNO, EPERM, &outside, 1 }, deny_eq },
		{ { ioctl_name, 0, PROFILE_ALLOW, 0, NULL, 0 }, deny_eq },
	};
	struct seccomp_program p = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (compile_rules(bad[i], 2, &p) != -EINVAL)
			fail_msg("profile %zu was not refused", i);
	assert_null(p.insns);
	assert_int_equal(compile_rules(&deny_eq, 1, &p), 0);
	seccomp_program_done(&p);
	assert_null(p.insns);
}

static void test_refused_defaults(void **state)
{
	const struct profile bad[] = {
		{ .default_action = PROFILE_ALLOW },
		{ .default_action = PROFILE_TRIPWIRE },
		{ .default_action = PROFILE_ERRNO, .default_errno = 0 },
	};
	struct seccomp_program p;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(seccomp_compile(&bad[i], SECCOMP_WHOLE, &p, NULL), -EINVAL);
}

/* Comparisons of every kind, disjoint by ranges, and names that nobody knows. */
static void test_comparisons(void **state)
{
	static const char *const names[] = { "ioctl", "no_such_call" };
	static const struct profile_arg below = { .index = 1, .value = 10, .op = PROFILE_LT };
	static const struct profile_arg ten = { .index = 1, .value = 10, .op = PROFILE_EQ };
	static const struct profile_arg above = { .index = 1, .value = 10, .op = PROFILE_GT };
	const struct profile_rule rules[] = {
		{ names, 2, PROFILE_ALLOW, 0, &below, 1 },
		{ names, 2, PROFILE_ERRNO, EPERM, &ten, 1 },
		{ names, 2, PROFILE_KILL_PROCESS, 0, &above, 1 },
	};
	struct seccomp_program p;

	assert_int_equal(compile_rules(rules, 3, &p), 0);
	assert_answer(&p, "ioctl", 1, 9, ALLOW);
	assert_answer(&p, "ioctl", 1, 10, ERRNO(EPERM));
	assert_answer(&p, "ioctl", 1, 11, KILL);
	assert_answer(&p, "ioctl", 1, 1ull << 32, KILL);
	assert_answer(&p, "read", 0, 0, ERRNO(ENOSYS));
	seccomp_program_done(&p);
}

static void test_syscall_name(void **state)
{
	char buf[32];

	assert_string_equal(seccomp_syscall_name(SYS_mount, buf, sizeof(buf)), "mount");
	assert_string_equal(seccomp_syscall_name(99999, buf, sizeof(buf)), "syscall_99999");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_profiles),
		cmocka_unit_test(test_refused_defaults),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_syscall_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

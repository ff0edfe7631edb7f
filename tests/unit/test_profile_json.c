/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp profile as text: what means less than it says is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/profile_json.h"
#include "fresh_arena.h"

#define RULE(inner) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{" inner "}]}"
#define NAMED(inner) RULE("\"names\":[\"read\"]," inner)

static struct profile decoded(const char *text)
{
	struct err err = ERR_INIT;
	struct profile p;

	if (profile_json_decode(text, strlen(text), &arena, &p, &err) < 0)
		fail_msg("%s", err.text);
	return p;
}

static void test_everything(void **state)
{
	struct profile p = decoded(
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
		"\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\"}],\"architectures\":[\"SCMP_ARCH_X86_64\"],"
		"\"syscalls\":["
		"{\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_ALLOW\",\"comment\":\"files\"},"
		"{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"comment\":\"tripwire\"},"
		"{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38},"
		"{\"names\":[\"chown\"],\"action\":\"SCMP_ACT_ERRNO\"},"
		"{\"names\":[\"x\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"},"
		"{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		"{\"index\":0,\"value\":2114060288,\"valueTwo\":1,\"op\":\"SCMP_CMP_MASKED_EQ\"},"
		"{\"index\":5,\"value\":9223372036854775807,\"op\":\"SCMP_CMP_NE\"}]}]}");

	assert_int_equal(p.default_action, PROFILE_ERRNO);
	assert_int_equal(p.default_errno, 38);
	assert_int_equal(p.nrules, 6);
	assert_int_equal(p.rules[0].nnames, 2);
	assert_string_equal(p.rules[0].names[1], "write");
	assert_int_equal(p.rules[0].action, PROFILE_ALLOW);
	assert_int_equal(p.rules[0].nargs, 0);
	assert_int_equal(p.rules[1].action, PROFILE_TRIPWIRE);
	assert_int_equal(p.rules[1].errno_ret, EPERM);
	assert_int_equal(p.rules[2].action, PROFILE_ERRNO);
	assert_int_equal(p.rules[2].errno_ret, 38);
	assert_int_equal(p.rules[3].errno_ret, EPERM);
	assert_int_equal(p.rules[4].action, PROFILE_KILL_PROCESS);
	assert_int_equal(p.rules[5].nargs, 2);
	assert_int_equal(p.rules[5].args[0].op, PROFILE_MASKED_EQ);
	assert_int_equal(p.rules[5].args[0].value, 2114060288);
	assert_int_equal(p.rules[5].args[0].value_two, 1);
	assert_int_equal(p.rules[5].args[1].index, 5);
	assert_int_equal(p.rules[5].args[1].op, PROFILE_NE);
	assert_int_equal(p.rules[5].args[1].value, INT64_MAX);
}

static void test_ops(void **state)
{
	static const char *const names[] = { "EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ" };
	static const enum profile_op ops[] = { PROFILE_EQ, PROFILE_NE, PROFILE_LT,	 PROFILE_LE,
					       PROFILE_GT, PROFILE_GE, PROFILE_MASKED_EQ };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char text[256];

		snprintf(text, sizeof(text),
			 NAMED("\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":1,\"value\":2,"
			       "\"op\":\"SCMP_CMP_%s\"}]"),
			 names[i]);
		assert_int_equal(decoded(text).rules[0].args[0].op, ops[i]);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
		{ "",
		  "body: is not valid JSON: unexpected token near end of file (line 1, column 0)" },
		{ "[]", "body: must be an object" },
		{ "{\"syscalls\":[]}", "defaultAction: is required" },
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}", "syscalls: is required" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[]}",
		  "defaultAction: must not allow: what is not named is denied" },
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":0,\"syscalls\":[]}",
		  "defaultErrnoRet: must not be 0: the call would seem to succeed" },
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[],\"syscalls\":[]}",
		  "flags: is not a known field" },
		{ "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[]}",
		  "defaultAction: is not supported: SCMP_ACT_LOG" },
		{ RULE("\"action\":\"SCMP_ACT_ALLOW\""), "syscalls[0].names: is required" },
		{ RULE("\"names\":[],\"action\":\"SCMP_ACT_ALLOW\""),
		  "syscalls[0].names: must not be empty" },
		{ RULE("\"names\":[\"\"],\"action\":\"SCMP_ACT_ALLOW\""),
		  "syscalls[0].names[0]: must not be empty" },
		{ RULE("\"names\":[\"read\"]"), "syscalls[0].action: is required" },
		{ NAMED("\"action\":\"SCMP_ACT_TRACE\""),
		  "syscalls[0].action: is not supported: SCMP_ACT_TRACE" },
		{ NAMED("\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{}"),
		  "syscalls[0].includes: is not a known field" },
		{ NAMED("\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0"),
		  "syscalls[0].errnoRet: must not be 0: the call would seem to succeed" },
		{ NAMED("\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":4096"),
		  "syscalls[0].errnoRet: must be at most 4095" },
		{ NAMED("\"action\":\"SCMP_ACT_ALLOW\",\"errnoRet\":1"),
		  "syscalls[0].errnoRet: belongs to SCMP_ACT_ERRNO only" },
		{ NAMED("\"action\":\"SCMP_ACT_ALLOW\",\"comment\":\"tripwire\""),
		  "syscalls[0]: is a tripwire, so it must be SCMP_ACT_ERRNO with EPERM" },
		{ NAMED("\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38,\"comment\":\"tripwire\""),
		  "syscalls[0]: is a tripwire, so it must be SCMP_ACT_ERRNO with EPERM" },
		{ NAMED("\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":6,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]"),
		  "syscalls[0].args[0].index: must be at most 5" },
		{ NAMED("\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":-1,\"op\":\"SCMP_CMP_EQ\"}]"),
		  "syscalls[0].args[0].value: must be an integer of at least 0" },
		{ NAMED("\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":0,\"op\":\"EQ\"}]"),
		  "syscalls[0].args[0].op: is not supported: EQ" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct err err = ERR_INIT;
		struct profile p;
		int rc =
			profile_json_decode(table[i].text, strlen(table[i].text), &arena, &p, &err);

		if (rc != -EINVAL || strcmp(err.text, table[i].want) != 0)
			fail_msg("%s\n  got    %d %s\n  wanted %s", table[i].text, rc, err.text,
				 table[i].want);
		assert_int_equal(profile_json_decode(table[i].text, strlen(table[i].text), &arena,
						     &p, NULL),
				 -EINVAL);
	}
}

static void test_the_profile(void **state)
{
	struct err err = ERR_INIT;
	struct profile p;
	size_t tripwires = 0;
	char path[4096];

	snprintf(path, sizeof(path), "%s/profiles/seccomp.json", getenv("SOURCE_ROOT"));
	if (profile_json_load(path, &arena, &p, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < p.nrules; i++)
		if (p.rules[i].action == PROFILE_TRIPWIRE)
			for (size_t j = 0; j < p.rules[i].nnames; j++)
				tripwires += strcmp(p.rules[i].names[j], "mount") == 0;
	assert_int_equal(tripwires, 1);
	assert_int_equal(profile_json_load("/nowhere", &arena, &p, &err), -ENOENT);
	assert_string_equal(err.text, "/nowhere: No such file or directory");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fresh_arena, drop_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_everything),
		TEST(test_ops),
		TEST(test_refused),
		TEST(test_the_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

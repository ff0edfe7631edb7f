/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter comes in two parts, the base and the closing part: together they must be the profile, call by call
 * and argument by argument.  The values that are tried are made from the profile itself: of every condition each bit of
 * its mask and its neighbours, in either half.
 */
#include "seccomp_ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "codec/profile_json.h"

#define X32_BIT 0x40000000
#define NOTIFY SECCOMP_RET_USER_NOTIF
#define CALLS_MAX 620	/* some beyond the last one */
#define CLOSING_MAX 160 /* installed in every box, so it is short */
#define VALUES_MAX 20000

struct fixture {
	struct arena arena;
	struct profile profile;
	struct seccomp_program whole, base, closing;
};

static void load(struct fixture *f)
{
	const char *root = getenv("SOURCE_ROOT");
	char path[4096];
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s/profiles/seccomp.json", root ? root : ".");
	arena_init(&f->arena, 1 << 20);
	if (profile_json_load(path, &f->arena, &f->profile, &err) < 0)
		fail_msg("%s", err.text);
}

static void compile(struct fixture *f)
{
	struct err err = ERR_INIT;

	if (seccomp_compile(&f->profile, SECCOMP_WHOLE, &f->whole, &err) < 0 ||
	    seccomp_compile(&f->profile, SECCOMP_BASE, &f->base, &err) < 0 ||
	    seccomp_compile(&f->profile, SECCOMP_CLOSING, &f->closing, &err) < 0)
		fail_msg("%s", err.text);
}

static int setup(void **state)
{
	static struct fixture f;

	load(&f);
	compile(&f);
	printf("whole %u instructions, base %u, closing %u\n", f.whole.len, f.base.len,
	       f.closing.len);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	seccomp_program_done(&f->whole);
	seccomp_program_done(&f->base);
	seccomp_program_done(&f->closing);
	arena_done(&f->arena);
	return 0;
}

/* ---- values worth asking ---- */

static uint64_t values[VALUES_MAX];
static size_t nvalues;

static void try_value(uint64_t v)
{
	assert_true(nvalues < VALUES_MAX);
	values[nvalues++] = v;
}

static void try_around(uint64_t v)
{
	try_value(v - 1);
	try_value(v);
	try_value(v + 1);
}

static void try_condition(const struct profile_arg *a)
{
	uint64_t wanted = a->op == PROFILE_MASKED_EQ ? a->value_two : a->value;

	try_around(wanted);
	try_around(a->value);
	try_around(~a->value | wanted);
	for (unsigned bit = 0; bit < 64; bit++) {
		try_value(wanted ^ 1ull << bit);
		try_value((~a->value | wanted) ^ 1ull << bit);
	}
}

/* Every value that a condition on this argument of this call makes interesting, and ordinary ones. */
static void collect(const struct profile *p, const char *name, unsigned index)
{
	nvalues = 0;
	try_around(0);
	try_around(1ull << 31);
	try_around(1ull << 32);
	try_around(1ull << 63);
	for (size_t i = 0; i < p->nrules; i++)
		for (size_t n = 0; n < p->rules[i].nnames; n++)
			for (size_t a = 0; a < p->rules[i].nargs; a++)
				if (!strcmp(p->rules[i].names[n], name) &&
				    p->rules[i].args[a].index == index)
					try_condition(&p->rules[i].args[a]);
}

/* ---- together they are the profile ---- */

static uint32_t together(const struct fixture *f, const struct seccomp_data *d)
{
	return bpf_graver(bpf_run(f->base.insns, f->base.len, d, NULL),
			  bpf_run(f->closing.insns, f->closing.len, d, NULL));
}

static unsigned differs(const struct fixture *f, const struct seccomp_data *d)
{
	return together(f, d) != bpf_run(f->whole.insns, f->whole.len, d, NULL);
}

static unsigned differ_by_number(const struct fixture *f, uint32_t arch, uint32_t bits)
{
	unsigned n = 0;

	for (int nr = 0; nr < CALLS_MAX; nr++) {
		struct seccomp_data d = { .arch = arch, .nr = (int)((unsigned)nr | bits) };

		n += differs(f, &d);
		memset(d.args, 0xff, sizeof(d.args));
		n += differs(f, &d);
	}
	return n;
}

static unsigned differ_by_argument(const struct fixture *f, const char *name, int nr)
{
	unsigned n = 0;

	for (unsigned index = 0; index < 6; index++) {
		collect(&f->profile, name, index);
		for (size_t i = 0; i < nvalues; i++) {
			struct seccomp_data d = { .arch = ARCH_NATIVE, .nr = nr };

			d.args[index] = values[i];
			n += differs(f, &d);
			/* the same beside other arguments that are all set */
			memset(d.args, 0xff, sizeof(d.args));
			d.args[index] = values[i];
			n += differs(f, &d);
		}
	}
	return n;
}

/* Every call of the profile by every argument; returns how many calls were asked about. */
static unsigned differ_in_profile(const struct fixture *f, unsigned *ret_calls)
{
	static bool seen[CALLS_MAX];
	unsigned n = 0, calls = 0;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < f->profile.nrules; i++)
		for (size_t k = 0; k < f->profile.rules[i].nnames; k++) {
			const char *name = f->profile.rules[i].names[k];
			int nr = seccomp_syscall_resolve_name(name);

			if (nr < 0 || nr >= CALLS_MAX || seen[nr])
				continue;
			seen[nr] = true;
			calls++;
			n += differ_by_argument(f, name, nr);
		}
	*ret_calls = calls;
	return n;
}

static unsigned differ_at_all(const struct fixture *f)
{
	unsigned calls;

	return differ_by_number(f, ARCH_NATIVE, 0) + differ_by_number(f, ARCH_FOREIGN, 0) +
	       differ_by_number(f, 0, 0) + differ_by_number(f, ARCH_NATIVE, X32_BIT) +
	       differ_in_profile(f, &calls);
}

static void test_numbers(void **state)
{
	static const int far[] = { -1,
				   -2,
				   1000,
				   4095,
				   SECCOMP_MARK_CALL - 1,
				   SECCOMP_MARK_CALL,
				   SECCOMP_MARK_CALL + 1,
				   X32_BIT - 1,
				   X32_BIT,
				   0x7fffffff };
	struct fixture *f = *state;

	assert_int_equal(differ_by_number(f, ARCH_NATIVE, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(far); i++) {
		struct seccomp_data d = { .arch = ARCH_NATIVE, .nr = far[i] };

		if (differs(f, &d))
			fail_msg("number %d", far[i]);
	}
}

static void test_foreign_abis(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(differ_by_number(f, ARCH_FOREIGN, 0), 0);
	assert_int_equal(differ_by_number(f, 0, 0), 0);
#ifdef __x86_64__
	assert_int_equal(differ_by_number(f, ARCH_NATIVE, X32_BIT), 0);
#endif
}

static void test_arguments(void **state)
{
	struct fixture *f = *state;
	unsigned calls = 0;

	assert_int_equal(differ_in_profile(f, &calls), 0);
	assert_true(calls > 300);
}

/* Two conditions in one rule, on different arguments, and rules of one call on different arguments. */
static void test_two_arguments(void **state)
{
	static const char *const name[] = { "ioctl" };
	static const struct profile_arg both[] = {
		{ .index = 0, .value = 3, .op = PROFILE_EQ },
		{ .index = 1, .value = 0xff00ff, .value_two = 0x100002, .op = PROFILE_MASKED_EQ },
	};
	static const struct profile_arg first = { .index = 0, .value = 3, .op = PROFILE_GT };
	static const struct profile_arg low = { .index = 0, .value = 3, .op = PROFILE_LT };
	const struct profile_rule rules[] = {
		{ name, 1, PROFILE_TRIPWIRE, EPERM, both, 2 },
		{ name, 1, PROFILE_ALLOW, 0, &first, 1 },
		{ name, 1, PROFILE_ERRNO, EPERM, &low, 1 },
	};
	struct fixture f = { .profile = { .default_action = PROFILE_KILL_PROCESS,
					  .rules = rules,
					  .nrules = ARRAY_SIZE(rules) } };
	static const uint64_t firsts[] = { 0, 2, 3, 4, 3ull << 32, 3 | 1ull << 32, UINT64_MAX };
	unsigned notified = 0;

	(void)state;
	compile(&f);
	collect(&f.profile, "ioctl", 1);
	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++)
		for (size_t j = 0; j < nvalues; j++) {
			struct seccomp_data d = { .arch = ARCH_NATIVE,
						  .nr = SYS_ioctl,
						  .args = { firsts[i], values[j] } };

			assert_int_equal(differs(&f, &d), 0);
			notified += together(&f, &d) == NOTIFY;
		}
	assert_true(notified > 0);
	teardown((void *[]){ &f });
}

/* ---- what each part may say ---- */

static void test_base_allows_what_is_watched(void **state)
{
	struct fixture *f = *state;

	assert_tripwires(&f->profile, &f->base, ALLOW);
	assert_tripwires(&f->profile, &f->closing, NOTIFY);
}

static void test_base_has_no_listener(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < f->base.len; i++)
		if (BPF_CLASS(f->base.insns[i].code) == BPF_RET) {
			assert_int_equal(BPF_RVAL(f->base.insns[i].code), BPF_K);
			assert_int_not_equal(f->base.insns[i].k & SECCOMP_RET_ACTION_FULL, NOTIFY);
		}
}

static void test_closing_is_short(void **state)
{
	struct fixture *f = *state;

	assert_true(f->closing.len <= CLOSING_MAX);
	assert_true(f->base.len > f->closing.len);
}

/* What boxes are set up with under the base, and what is left of it for the program. */
static void test_set_up(void **state)
{
	static const char *const denied[] = { "clone3", "landlock_create_ruleset",
					      "landlock_add_rule", "landlock_restrict_self" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(denied); i++) {
		assert_answer(&f->base, denied[i], 0, 0, ALLOW);
		assert_answer(&f->closing, denied[i], 0, 0, ERRNO(ENOSYS));
	}
}

/* A profile that denies all of the set-up, by default or by a rule: the base allows it all the same. */
static void test_strict_profile(void **state)
{
	static const char *const read_only[] = { "read" }, *const some[] = { "setresuid", "kill" };
	const struct profile_rule rules[] = {
		{ read_only, 1, PROFILE_ALLOW, 0, NULL, 0 },
		{ some, 2, PROFILE_KILL_PROCESS, 0, NULL, 0 },
	};
	struct fixture f = { .profile = { .default_action = PROFILE_ERRNO,
					  .default_errno = EACCES,
					  .rules = rules,
					  .nrules = ARRAY_SIZE(rules) } };

	(void)state;
	compile(&f);
	assert_int_equal(differ_at_all(&f), 0);
	assert_answer(&f.base, "mount", 0, 0, ALLOW);
	assert_answer(&f.closing, "mount", 0, 0, ERRNO(EACCES));
	assert_answer(&f.base, "kill", 0, 0, ALLOW);
	assert_answer(&f.closing, "kill", 0, 0, KILL);
	teardown((void *[]){ &f });
}

/* Such a profile is refused, whichever part is asked for: there would be no two parts that are equal to it. */
static void test_what_cannot_be_split(void **state)
{
	static const char *const names[] = { "read", "unshare" };
	static const struct profile_arg none = { .index = 0, .value = 0, .op = PROFILE_EQ };
	const struct profile_rule rule = { names, 2, PROFILE_ALLOW, 0, &none, 1 };
	const struct profile p = { .default_action = PROFILE_KILL_PROCESS,
				   .rules = &rule,
				   .nrules = 1 };
	static const enum seccomp_part parts[] = { SECCOMP_WHOLE, SECCOMP_BASE, SECCOMP_CLOSING };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct seccomp_program program = { 0 };
		struct err err = ERR_INIT;

		assert_int_equal(seccomp_compile(&p, parts[i], &program, &err), -EINVAL);
		assert_non_null(strstr(err.text, "unshare"));
		assert_null(program.insns);
	}
}

/* ---- these tests can fail ---- */

/* One after the other, what a comparison looks for becomes what no call has: each must be missed. */
static void test_every_closed_call_counts(void **state)
{
	struct fixture *f = *state;
	unsigned tried = 0, calls;

	for (unsigned i = 0; i < f->closing.len; i++) {
		struct sock_filter *in = &f->closing.insns[i], kept = *in;

		if (in->code != (BPF_JMP | BPF_JEQ | BPF_K) || in->k >= CALLS_MAX)
			continue; /* the ABI's number, large masks, the mark */
		in->k = 0x3ffffff0;
		if (!differ_by_number(f, ARCH_NATIVE, 0) && !differ_in_profile(f, &calls))
			fail_msg("%u, of a call or of its flags, can be left out unseen", kept.k);
		*in = kept;
		tried++;
	}
	assert_true(tried > 50);
	assert_int_equal(differ_by_number(f, ARCH_NATIVE, 0), 0);
}

/* ---- the running kernel agrees ---- */

static int install(const struct seccomp_program *p)
{
	struct sock_fprog prog = { .len = (unsigned short)p->len, .filter = p->insns };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

static bool marked(void)
{
	return syscall(SECCOMP_MARK_CALL) < 0 && errno == SECCOMP_MARK_ERRNO;
}

/* Nobody listens here: a notification is then ENOSYS. */
static int child_with_both(const struct fixture *f)
{
	int before = (syscall(SYS_clone3, NULL, 0), errno);

	if (marked())
		return 1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || install(&f->base) < 0)
		return 2;
	if (!marked())
		return 3;
	if (syscall(SYS_clone3, NULL, 0) >= 0 || errno != before)
		return 4;
	if (syscall(SYS_sync_file_range, -1, 0, 0, 0) >= 0 || errno != EPERM)
		return 5;
	if (install(&f->closing) < 0)
		return 6;
	if (marked() || syscall(SECCOMP_MARK_CALL) >= 0 || errno != ENOSYS)
		return 7;
	if (syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS)
		return 8;
	if (syscall(SYS_sync_file_range, -1, 0, 0, 0) >= 0 || errno != EPERM)
		return 9;
	if (mount(NULL, "/", NULL, MS_REMOUNT, NULL) >= 0 || errno != ENOSYS)
		return 10;
	return getppid() < 1 ? 11 : 0;
}

static void test_kernel_agrees(void **state)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(child_with_both(*state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_graver(void **state)
{
	static const uint32_t order[] = {
		KILL,	SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
		NOTIFY, SECCOMP_RET_TRACE,	 SECCOMP_RET_LOG,  ALLOW
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (size_t j = 0; j < ARRAY_SIZE(order); j++)
			assert_int_equal(bpf_graver(order[i], order[j]), order[i < j ? i : j]);
	assert_int_equal(bpf_graver(ERRNO(1), ERRNO(2)), ERRNO(2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_graver),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_foreign_abis),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_two_arguments),
		cmocka_unit_test(test_base_allows_what_is_watched),
		cmocka_unit_test(test_base_has_no_listener),
		cmocka_unit_test(test_closing_is_short),
		cmocka_unit_test(test_set_up),
		cmocka_unit_test(test_strict_profile),
		cmocka_unit_test(test_what_cannot_be_split),
		cmocka_unit_test(test_every_closed_call_counts),
		cmocka_unit_test(test_kernel_agrees),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

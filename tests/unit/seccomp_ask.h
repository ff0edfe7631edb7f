/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of filters share: a compiled filter is asked "call, argument -> answer" on the
 * interpreter.  For one .c file each; everything is static.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <seccomp.h>

#include "bpf.h"
#include "kernel/seccomp_compile.h"

#define ALLOW SECCOMP_RET_ALLOW
#define ERRNO(n) (SECCOMP_RET_ERRNO | (n))
#define KILL SECCOMP_RET_KILL_PROCESS

#if defined(__x86_64__)
#define ARCH_NATIVE AUDIT_ARCH_X86_64
#define ARCH_FOREIGN AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define ARCH_NATIVE AUDIT_ARCH_AARCH64
#define ARCH_FOREIGN AUDIT_ARCH_ARM
#endif

static uint32_t ask(const struct seccomp_program *p, uint32_t arch, int nr, unsigned index,
		    uint64_t arg)
{
	struct seccomp_data data = { .arch = arch, .nr = nr };

	data.args[index] = arg;
	return bpf_run(p->insns, p->len, &data, NULL);
}

static void assert_answer(const struct seccomp_program *p, const char *name, unsigned index,
			  uint64_t arg, uint32_t want)
{
	int nr = seccomp_syscall_resolve_name(name);
	uint32_t got = ask(p, ARCH_NATIVE, nr, index, arg);

	if (got != want)
		fail_msg("%s(arg%u=%#llx): answered %#x, not %#x", name, index,
			 (unsigned long long)arg, got, want);
}

/* To each call that the file names a tripwire, with an argument that its rule matches. */
static inline void assert_tripwires(const struct profile *profile, const struct seccomp_program *p,
				    uint32_t want)
{
	size_t seen = 0;

	for (size_t i = 0; i < profile->nrules; i++) {
		const struct profile_rule *r = &profile->rules[i];
		const struct profile_arg *a = r->args;
		uint64_t value = !r->nargs		      ? 0
				 : a->op == PROFILE_MASKED_EQ ? a->value_two
							      : a->value;

		for (size_t n = 0; r->action == PROFILE_TRIPWIRE && n < r->nnames; n++) {
			if (seccomp_syscall_resolve_name(r->names[n]) < 0)
				continue;
			assert_answer(p, r->names[n], r->nargs ? a->index : 0, value, want);
			seen++;
		}
	}
	assert_true(seen > 50);
}

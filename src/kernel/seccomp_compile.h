/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct profile -> classic BPF by libseccomp, binary-tree optimised, for the native ABI only:
 * foreign ABIs (int 0x80, x32) kill the process, unknown numbers answer the default action.
 * Tripwires become SECCOMP_RET_USER_NOTIF when `notify`, else ERRNO EPERM.
 */
#pragma once

#include <stdbool.h>
#include <linux/filter.h>

#include "base/err.h"
#include "model/profile.h"

struct seccomp_program {
	struct sock_filter *insns; /* owned, malloc */
	unsigned len;
};

int seccomp_compile(const struct profile *p, bool notify, struct seccomp_program *ret, struct err *err);
void seccomp_program_done(struct seccomp_program *p);
/* Name of a native system call number ("mount"), or "syscall_N" written to buf. */
const char *seccomp_syscall_name(int nr, char *buf, size_t size);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct profile -> classic BPF by libseccomp, binary-tree optimised, for the native ABI only:
 * unknown numbers answer the default action.  Tripwires become SECCOMP_RET_USER_NOTIF when `notify`, else
 * ERRNO EPERM.  Foreign ABIs (int 0x80, x32) notify too, upon which the warden kills the box: a kill by
 * the filter would look like a SIGSYS that the program raised itself.  Without `notify` the filter kills.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"

struct seccomp_program {
	struct sock_filter *insns; /* owned, malloc */
	unsigned len;
};

int seccomp_compile(const struct profile *p, bool notify, struct seccomp_program *ret,
		    struct err *err);
void seccomp_program_done(struct seccomp_program *p);
/* Whether a notified call came through another ABI than the native one. */
bool seccomp_call_is_foreign(uint32_t arch, int nr);
/* Name of a native system call number ("mount"), or "syscall_N" written to buf. */
const char *seccomp_syscall_name(int nr, char *buf, size_t size);

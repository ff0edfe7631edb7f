/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct profile -> classic BPF by libseccomp, binary-tree optimised, for the native ABI only: unknown numbers
 * answer the default action.  Tripwires become SECCOMP_RET_USER_NOTIF.  Foreign ABIs (int 0x80, x32) notify too, upon
 * which the warden kills the box: a kill by the filter would look like a SIGSYS that the program raised itself.
 *
 * A program gets the profile in two parts, since installing all of it takes longer than the rest of a warm
 * start's system calls together.  The base, nearly all of it, is installed once in each launcher and inherited: it allows the
 * set-up's calls, tripwires and foreign ABIs.  The closing part is installed in each program, with the listener: it
 * answers these as the profile does, and allows everything else, which the base decides.
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

enum seccomp_part {
	SECCOMP_WHOLE,	     /* what base and closing part come to together */
	SECCOMP_WHOLE_QUIET, /* the same where nobody listens */
	SECCOMP_BASE,
	SECCOMP_CLOSING,
};

/* No call, and not in x32's range: under the base alone it fails with this errno, with the closing part as any unknown call. */
#define SECCOMP_MARK_CALL 0x2b6f6465
#define SECCOMP_MARK_ERRNO 4013

int seccomp_compile(const struct profile *p, enum seccomp_part part, struct seccomp_program *ret,
		    struct err *err);
void seccomp_program_done(struct seccomp_program *p);
/* Whether a notified call came through another ABI than the native one. */
bool seccomp_call_is_foreign(uint32_t arch, int nr);
/* Name of a native system call number ("mount"), or "syscall_N" written to buf. */
const char *seccomp_syscall_name(int nr, char *buf, size_t size);

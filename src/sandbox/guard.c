/* SPDX-License-Identifier: Apache-2.0 */
/* See guard.h. */
#include "sandbox/guard.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LOW(n) offsetof(struct seccomp_data, args[n]) /* little endian: a pid is an int */
#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))

/* Calls whose first argument is a process; behind them setpriority, whose second one is. */
static const struct sock_filter guard[] = {
	LOAD(offsetof(struct seccomp_data, nr)),
	IS(SYS_pidfd_send_signal, 20,
	   0), /* /proc/1 serves as its descriptor, and anybody can open that */
	IS(SYS_kill, 12, 0),
	IS(SYS_tkill, 11, 0),
	IS(SYS_tgkill, 10, 0),
	IS(SYS_rt_sigqueueinfo, 9, 0),
	IS(SYS_rt_tgsigqueueinfo, 8, 0),
	IS(SYS_pidfd_open, 7, 0),
	IS(SYS_prlimit64, 6, 0),
	IS(SYS_sched_setaffinity, 5, 0),
	IS(SYS_sched_setparam, 4, 0),
	IS(SYS_sched_setscheduler, 3, 0),
	IS(SYS_sched_setattr, 2, 0),
	IS(SYS_setpriority, 3, 0),
	RETURN(SECCOMP_RET_ALLOW),
	/* 15 */ LOAD(LOW(0)),
	IS(1, 5, 4),
	/* 17 */ LOAD(LOW(0)),
	IS(PRIO_USER, 3, 0), /* all of this uid, so us as well */
	LOAD(LOW(1)),
	IS(1, 1, 0),
	/* 21 */ RETURN(SECCOMP_RET_ALLOW),
	/* 22 */ RETURN(SECCOMP_RET_ERRNO | EPERM),
};

int guard_pid1(void)
{
	struct sock_fprog p = { .len = ARRAY_SIZE(guard),
				.filter = (struct sock_filter *)(uintptr_t)guard };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p) < 0 ? -errno : 0;
}

// SPDX-License-Identifier: Apache-2.0
// attack: a denied call with high bits in its number, which the kernel cuts off
// layer: seccomp
// verdict: accepted|security_violation
// never: BREACH
#include "probe.h"

static long call(long nr, long a, long b, long c)
{
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	if (r < 0)
		errno = (int)-r;
	return r < 0 ? -1 : r;
}

int main(void)
{
	refused("socket", call((1l << 32) | SYS_socket, 2, 1, 0), EAFNOSUPPORT, ENOSYS, 0);
	refused("unshare", call((1l << 32) | SYS_unshare, 0x10000000, 0, 0), EPERM, ENOSYS, 0);
	refused("ptrace", call((1l << 63) | SYS_ptrace, 0, 0, 0), EPERM, ENOSYS, 0);
	return done();
}

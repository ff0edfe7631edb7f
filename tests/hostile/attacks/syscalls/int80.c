// SPDX-License-Identifier: Apache-2.0
// attack: a system call by the door of 32-bit programs
// layer: seccomp
// verdict: security_violation
#include <stdio.h>

int main(void)
{
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory");
	printf("BREACH %ld\n", r);
}

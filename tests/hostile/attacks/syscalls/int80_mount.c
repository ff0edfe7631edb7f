// SPDX-License-Identifier: Apache-2.0
// attack: mount by the 32-bit number, which is another call in the 64-bit table
// layer: seccomp
// verdict: security_violation
#include <stdio.h>

int main(void)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(21), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
			 : "memory");
	printf("BREACH %ld\n", r);
}

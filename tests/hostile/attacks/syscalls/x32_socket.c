// SPDX-License-Identifier: Apache-2.0
// attack: a socket of the internet by its x32 number
// layer: seccomp
// verdict: security_violation
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	long r = syscall(0x40000000 | 41, 2, 1, 0);

	printf("BREACH %ld\n", r);
}

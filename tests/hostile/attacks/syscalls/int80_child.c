// SPDX-License-Identifier: Apache-2.0
// attack: a 32-bit call in a child, while the parent prints the right answer
// layer: seccomp
// verdict: accepted|security_violation
// never: BREACH
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;

	if (fork() == 0) {
		long r;

		__asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory");
		_exit(0);
	}
	wait(&status);
	puts(WIFSIGNALED(status) ? "contained" : "BREACH");
}

// SPDX-License-Identifier: Apache-2.0
// attack: a few denied calls, as libraries make them; then the right answer
// layer: seccomp
// verdict: accepted
// prints: 49
// denied: {"mount": 5, "ptrace": 3}
#include <stdio.h>
#include <sys/mount.h>
#include <sys/ptrace.h>

int main(void)
{
	for (int i = 0; i < 5; i++)
		mount("none", "/tmp", "tmpfs", 0, NULL);
	for (int i = 0; i < 3; i++)
		ptrace(PTRACE_ATTACH, 1, 0, 0);
	puts("49");
}

// SPDX-License-Identifier: Apache-2.0
// attack: a flood of denied calls, to find the one that is not, or to fill the log
// layer: seccomp
// verdict: security_violation
// never: BREACH
#include "probe.h"
#include <sys/ptrace.h>

int main(void)
{
	for (int i = 0; i < 100000; i++)
		ptrace(PTRACE_ATTACH, 1, 0, 0);
	breach("100000 denied calls");
	return 0;
}

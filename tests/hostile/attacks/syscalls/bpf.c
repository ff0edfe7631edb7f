// SPDX-License-Identifier: Apache-2.0
// attack: programs and maps in the kernel
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	uint32_t attr[32] = { 2, 4, 4, 1 };

	refused("map", syscall(SYS_bpf, 0, attr, sizeof(attr)), EPERM, 0, 0);
	refused("socket filter", syscall(SYS_bpf, 5, attr, sizeof(attr)), EPERM, 0, 0);
	refused("next program", syscall(SYS_bpf, 11, attr, sizeof(attr)), EPERM, 0, 0);
	return done();
}

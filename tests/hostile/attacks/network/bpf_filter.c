// SPDX-License-Identifier: Apache-2.0
// attack: fills the host's JIT memory with socket filters, charged to nobody
// layer: seccomp
// verdict: accepted
// prints: refused
// never: attached
// limits: {"cpu_ms": 500, "wall_ms": 1000, "memory_kb": 32768}
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
	struct sock_filter code[] = { { 0x06, 0, 0, 0xffff } };
	struct sock_fprog program = { 1, code };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0)
		return 1;
	if (setsockopt(pair[0], SOL_SOCKET, 26, &program, sizeof(program)) == 0)
		puts("attached");
	else
		puts(errno == EPERM ? "refused" : "odd");
	return 0;
}

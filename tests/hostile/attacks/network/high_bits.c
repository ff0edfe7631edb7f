// SPDX-License-Identifier: Apache-2.0
// attack: hides the family of a socket behind bits that the kernel does not look at
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/socket.h>

int main(void)
{
	for (int bit = 32; bit < 64; bit++) {
		long high = (long)(1ul << bit);

		refused("inet", syscall(SYS_socket, high | AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT,
			0, 0);
		refused("netlink", syscall(SYS_socket, high | AF_NETLINK, SOCK_RAW, 0),
			EAFNOSUPPORT, 0, 0);
		refused("alg", syscall(SYS_socket, high | AF_ALG, SOCK_SEQPACKET, 0), EAFNOSUPPORT,
			0, 0);
	}
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: opens a socket of every family and kind that the kernel knows
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/socket.h>

int main(void)
{
	static const int kinds[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };

	for (int family = 0; family < 64; family++)
		for (int k = 0; k < 4; k++) {
			char what[64];
			int pair[2];

			if (family == AF_UNIX)
				continue;
			snprintf(what, sizeof(what), "family %d kind %d", family, kinds[k]);
			refused(what, socket(family, kinds[k], 0), EAFNOSUPPORT, 0, 0);
			refused(what, socketpair(family, kinds[k], 0, pair), EAFNOSUPPORT,
				EOPNOTSUPP, EPERM);
		}
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: nests epoll and sockets in circles, which the kernel must walk and collect
// layer: cpu
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/epoll.h>
#include <sys/socket.h>

int main(void)
{
	int chain[40], p[2];

	for (int i = 0; i < 40; i++) {
		struct epoll_event e = { .events = EPOLLIN };

		chain[i] = epoll_create1(0);
		if (i && epoll_ctl(chain[i], EPOLL_CTL_ADD, chain[i - 1], &e) < 0 &&
		    errno != EINVAL && errno != ELOOP)
			odd("epoll_ctl", errno);
	}
	for (int i = 0; i < 50; i++) {
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, p) < 0)
			break;
		send_fds(p[0], p[1], 1);
		close(p[0]);
		close(p[1]);
	}
	return done();
}

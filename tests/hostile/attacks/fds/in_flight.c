// SPDX-License-Identifier: Apache-2.0
// attack: keeps more descriptors than allowed, by sending them into sockets
// layer: rlimits
// verdict: accepted|memory_limit
// never: BREACH
// limits: {"open_files": 64}
#include "probe.h"
#include <sys/socket.h>

static int send_many(int sock, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 50)];
		struct cmsghdr align;
	} control;
	char c = 0;
	struct iovec iov = { &c, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int) * 50);
	for (int i = 0; i < 50; i++)
		((int *)(void *)CMSG_DATA(h))[i] = fd;
	return sendmsg(sock, &m, MSG_DONTWAIT) == 1 ? 50 : -1;
}

int main(void)
{
	int total = 0, fd = open("/dev/null", O_RDONLY);

	for (int i = 0; i < 20; i++) {
		int p[2], n;

		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, p) < 0)
			break;
		while (total < 20000 && (n = send_many(p[0], fd)) > 0)
			total += n;
	}
	if (total > 500)
		breach("more descriptors in flight than allowed");
	return done();
}

// SPDX-License-Identifier: Apache-2.0
// attack: writes a good ending to every descriptor that might lead to the supervisor
// layer: init
// verdict: runtime_error
// exit_code: 5
// prints: tried
#include "probe.h"
#include <sys/socket.h>

int main(void)
{
	char record[256] = { 0 };
	struct iovec v = { record, sizeof(record) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	for (int fd = 0; fd < 1024; fd++) {
		if (fd == 1 || fd == 2)
			continue;
		if (write(fd, record, sizeof(record)) >= 0 || sendmsg(fd, &m, MSG_DONTWAIT) >= 0)
			breach("a descriptor took it");
	}
	puts("tried");
	return 5;
}

// SPDX-License-Identifier: Apache-2.0
// attack: POSIX message queues, memory of the kernel that outlives every process
// layer: rlimits
// verdict: accepted
// prints: contained
#include "probe.h"
#include <mqueue.h>

int main(void)
{
	struct mq_attr a = { .mq_maxmsg = 10, .mq_msgsize = 8192 };

	refused("mq_open", syscall(SYS_mq_open, "kw-hostile-mark", O_CREAT | O_RDWR, 0600, &a),
		EMFILE, EPERM, ENOSYS);
	refused("host's queue", syscall(SYS_mq_open, "kodewar-canary", O_RDONLY, 0, NULL), ENOENT,
		EPERM, ENOSYS);
	return done();
}

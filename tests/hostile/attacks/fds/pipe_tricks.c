// SPDX-License-Identifier: Apache-2.0
// attack: makes its stdout small, unblocking, asynchronous and packeted, to upset the reader
// layer: output
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	fcntl(1, F_SETPIPE_SZ, 4096);
	fcntl(1, F_SETFL, O_NONBLOCK | O_ASYNC);
	fcntl(1, F_SETFL, O_NONBLOCK | O_ASYNC | O_DIRECT); /* refused as a whole */
	fcntl(1, F_SETOWN, 1);
	fcntl(1, F_SETSIG, SIGKILL);
	fcntl(2, F_SETFL, O_NONBLOCK);
	if (fcntl(1, F_SETPIPE_SZ, 64 << 20) > 16 << 20)
		breach("a pipe of 64 MB");
	return done();
}

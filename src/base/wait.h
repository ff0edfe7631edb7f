/* SPDX-License-Identifier: Apache-2.0 */
/* waitid(2) tells how a process ended in parts; here it is in one number, as wait(2) tells it. */
#pragma once

#include <signal.h>

static inline int wait_status(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED
		       ? (info->si_status & 0xff) << 8
		       : (info->si_status & 0x7f) | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource limits of a program; soft and hard alike, never raised above the inherited hard limit
 * (CAP_SYS_RESOURCE may be absent): that case is -EPERM, told before anything runs. No malloc.
 */
#pragma once

#include <stdint.h>

struct rlimit_set {
	uint64_t open_files, file_bytes, cpu_sec /* backstop, 0 = none */,
		stack_bytes /* 0 = unlimited up to the hard limit */,
		processes /* of the uid in its user namespace, 0 = as inherited */;
};

/* Also: CORE 1 (a piped core_pattern is skipped at this value), MSGQUEUE 0, MEMLOCK 64 KiB, RTPRIO 0, NICE 0, SIGPENDING 1024. */
int rlimit_apply(const struct rlimit_set *s);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process of ours that reads bytes of strangers gives up for good: whoever gets hold of it starts no
 * program and no process, sees into none, and reaches no part of the kernel that it does not need anyway.
 */
#pragma once

#include "base/err.h"

enum forgo {
	FORGO_OF_GATE,	 /* keeps files, threads, and unix and internet sockets */
	FORGO_OF_READER, /* keeps files alone: one thread, no sockets */
};

/*
 * The calls fail with EPERM from now on, in this thread and in those that it makes; foreign ABIs end the process. Needs
 * no_new_privs. 0 or a negative errno.
 */
int seccomp_forgo(enum forgo what, struct err *err);
